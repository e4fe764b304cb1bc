use serde::Deserializer;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

/// An event's type and its payload, read as `{"eventType":…,"data":…}` without that object being made.
///
/// The type comes first, so that the payload is read straight into the variant it belongs to.
pub(crate) struct Tagged<'a> {
    event_type: &'a str,
    data: &'a Value,
}

impl<'a> Tagged<'a> {
    pub(crate) fn new(event_type: &'a str, data: &'a Value) -> Self {
        Self { event_type, data }
    }
}

impl<'de> Deserializer<'de> for Tagged<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Fields { next: Some(Field::EventType), event: self })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[derive(Clone, Copy)]
enum Field {
    EventType,
    Data,
}

struct Fields<'a> {
    next: Option<Field>,
    event: Tagged<'a>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let name = match self.next {
            Some(Field::EventType) => "eventType",
            Some(Field::Data) => "data",
            None => return Ok(None),
        };
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        if matches!(self.next, Some(Field::EventType)) {
            self.next = Some(Field::Data);
            return seed.deserialize(BorrowedStrDeserializer::new(self.event.event_type));
        }
        self.next = None;
        seed.deserialize(self.event.data)
    }
}
