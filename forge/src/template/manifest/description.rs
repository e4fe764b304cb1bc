use serde_json::Value;
use skafu_events::template::TemplateType;

use super::super::Descriptor;
use super::reader::Reader;

const FIELDS: [&str; 6] = ["$schema", "id", "name", "type", "description", "parameters"];

/// What the template says about itself.
pub(super) fn descriptor(reader: &mut Reader<'_>, manifest: &Value) -> Descriptor {
    let Some(fields) = reader.fields(manifest, "", "the template", &FIELDS) else {
        return Descriptor::default();
    };
    let name = reader.text(&fields, "name");
    let is_blank = name.as_deref().is_some_and(|name| name.trim().is_empty());
    if is_blank || fields.get("name").is_none() {
        reader.malformed("/name", "the template needs a `name`");
    }
    let kinds = "one of project, service, component, config, infrastructure";
    let kind = |value: &Value| serde_json::from_value::<TemplateType>(value.clone()).ok();
    let template_type = reader.read(&fields, "type", kinds, kind);
    Descriptor {
        id: reader.text(&fields, "id"),
        name,
        template_type: template_type.unwrap_or_default(),
        description: reader.text(&fields, "description"),
    }
}
