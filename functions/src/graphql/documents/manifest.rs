use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::DocumentId;

/// The most bytes a manifest may have.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// What Apollo's manifests say they are.
const APOLLO_FORMAT: &str = "apollo-persisted-query-manifest";

/// The documents that are trusted.
#[derive(Debug, Default)]
pub struct Manifest(HashMap<DocumentId, Arc<str>>);

/// Why bytes are no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// There are too many of them.
    #[error("the manifest has {0} bytes, of at most {MAX_BYTES}")]
    TooLarge(usize),
    /// They are no JSON.
    #[error("the manifest is not JSON")]
    NotJson(#[source] serde_json::Error),
    /// It has neither form.
    #[error("the manifest is neither an object of texts by their SHA-256 nor Apollo's, version 1: {0}")]
    Shape(String),
    /// A document under another name than its own.
    #[error("the document `{0}` has another SHA-256, {1}")]
    Name(String, DocumentId),
    /// A document that would never be answered.
    #[error("the document `{0}` cannot be read: {1}")]
    Document(String, String),
}

impl Manifest {
    /// Reads a manifest in either form: an object of texts by their names, or Apollo's list of operations.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_BYTES {
            return Err(ManifestError::TooLarge(bytes.len()));
        }
        match serde_json::from_slice(bytes).map_err(ManifestError::NotJson)? {
            Value::Object(fields) if fields.contains_key("format") => apollo(&fields),
            Value::Object(fields) => by_name(fields.iter().map(|(id, text)| (id.as_str(), text))),
            _ => Err(ManifestError::Shape("it is no object".to_owned())),
        }
    }

    /// The text of that name.
    pub fn find(&self, id: &DocumentId) -> Option<Arc<str>> {
        self.0.get(id).cloned()
    }

    /// How many documents it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn apollo(fields: &Map<String, Value>) -> Result<Manifest, ManifestError> {
    if fields["format"] != APOLLO_FORMAT || fields.get("version") != Some(&Value::from(1)) {
        return Err(ManifestError::Shape("its format or version is another".to_owned()));
    }
    let operations = fields.get("operations").and_then(Value::as_array);
    let operations = operations.ok_or_else(|| ManifestError::Shape("it has no operations".to_owned()))?;
    by_name(operations.iter().map(|it| (it["id"].as_str().unwrap_or_default(), &it["body"])))
}

fn by_name<'a>(documents: impl Iterator<Item = (&'a str, &'a Value)>) -> Result<Manifest, ManifestError> {
    let document = |(name, text): (&str, &Value)| {
        let text = text.as_str().ok_or_else(|| ManifestError::Shape(format!("`{name}` has no text")))?;
        let id = DocumentId::of(text);
        if DocumentId::parse(name.strip_prefix("sha256:").unwrap_or(name)).as_ref() != Some(&id) {
            return Err(ManifestError::Name(name.to_owned(), id));
        }
        // Whoever deploys it hears of it, not whoever asks by its name.
        skafu_graphql::read(text).map_err(|error| ManifestError::Document(name.to_owned(), error.message))?;
        Ok((id, text.into()))
    };
    documents.map(document).collect::<Result<_, _>>().map(Manifest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "query Me { me { id } }";

    fn read(manifest: &Value) -> Result<Manifest, ManifestError> {
        Manifest::read(manifest.to_string().as_bytes())
    }

    #[test]
    fn both_forms_are_read() {
        let id = DocumentId::of(TEXT);
        let operation = json!({ "id": id.to_string(), "name": "Me", "type": "query", "body": TEXT });
        for manifest in [
            json!({ id.to_string(): TEXT }),
            json!({ format!("sha256:{id}"): TEXT }),
            json!({ "format": APOLLO_FORMAT, "version": 1, "operations": [operation] }),
        ] {
            let read = read(&manifest).unwrap();
            assert_eq!((read.find(&id).as_deref(), read.len()), (Some(TEXT), 1), "{manifest}");
        }
        assert!(read(&json!({})).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_manifest_is_told() {
        let id = DocumentId::of(TEXT).to_string();
        let other = DocumentId::of("{ me { id } }").to_string();
        let apollo =
            |operations: Value| json!({ "format": APOLLO_FORMAT, "version": 1, "operations": operations });
        for (manifest, reason) in [
            (json!([]), "no object"),
            (json!({ id.clone(): 1 }), "has no text"),
            (json!({ other.clone(): TEXT }), "another SHA-256"),
            (json!({ "Me": TEXT }), "another SHA-256"),
            (json!({ "format": "other", "version": 1, "operations": [] }), "another"),
            (json!({ "format": APOLLO_FORMAT, "version": 2, "operations": [] }), "another"),
            (json!({ "format": APOLLO_FORMAT, "version": 1 }), "no operations"),
            (apollo(json!([{ "id": id.clone() }])), "has no text"),
            (apollo(json!([{ "id": other.clone(), "body": TEXT }])), "another SHA-256"),
            (apollo(json!([{ "body": TEXT }])), "another SHA-256"),
            (json!({ DocumentId::of("{ me {").to_string(): "{ me {" }), "cannot be read"),
        ] {
            let told = read(&manifest).unwrap_err().to_string();
            assert!(told.contains(reason), "{manifest}: {told}");
        }
        assert!(matches!(Manifest::read(b"{"), Err(ManifestError::NotJson(_))));
        assert!(matches!(Manifest::read(&vec![b' '; MAX_BYTES + 1]), Err(ManifestError::TooLarge(_))));
    }
}
