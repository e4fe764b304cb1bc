use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// The bytes of an item as DynamoDB counts them for its limit and its price.
pub(super) fn item_size(item: &HashMap<String, AttributeValue>) -> usize {
    item.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => number_size(digits),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|digits| number_size(digits)).sum(),
        AttributeValue::Bs(all) => all.iter().map(|bytes| bytes.as_ref().len()).sum(),
        AttributeValue::L(values) => 3 + values.iter().map(|value| 1 + value_size(value)).sum::<usize>(),
        AttributeValue::M(values) => 3 + item_size(values) + values.len(),
        // True, false and null.
        _ => 1,
    }
}

/// Two digits to a byte and one byte more, zeroes at either end left out.
fn number_size(number: &str) -> usize {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len().div_ceil(2) + 1 + usize::from(number.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_as_large_as_its_names_and_its_values() {
        let item = HashMap::from([
            ("PK".to_owned(), AttributeValue::S("acme".to_owned())),
            ("n".to_owned(), AttributeValue::N("-1200".to_owned())),
            (
                "list".to_owned(),
                AttributeValue::L(vec![AttributeValue::Bool(true), AttributeValue::Null(true)]),
            ),
            (
                "map".to_owned(),
                AttributeValue::M(HashMap::from([("k".to_owned(), AttributeValue::S("v".to_owned()))])),
            ),
        ]);
        assert_eq!(item_size(&item), (2 + 4) + (1 + 3) + (4 + 3 + 2 * 2) + (3 + 3 + 1 + 2));
    }
}
