/// The longest slug: what a DNS label can hold.
const MAX_SLUG: usize = 63;

/// A name as part of a URL: lower-case ASCII letters and digits, single hyphens between them. Never empty.
pub fn slug(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let parts: Vec<&str> =
        lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).collect();
    let mut slug = parts.join("-");
    slug.truncate(MAX_SLUG);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "project".to_owned() } else { slug.to_owned() }
}

/// The words of a name, in lower case: `HTTPServer_v2 fast` is `http`, `server`, `v2`, `fast`.
fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (at, &c) in chars.iter().enumerate() {
        let begins = c.is_uppercase()
            && at > 0
            && (!chars[at - 1].is_uppercase() || chars.get(at + 1).is_some_and(|next| next.is_lowercase()));
        if (!c.is_alphanumeric() || begins) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

pub(super) fn snake_case(text: &str) -> String {
    words(text).join("_")
}

pub(super) fn kebab_case(text: &str) -> String {
    words(text).join("-")
}

pub(super) fn pascal_case(text: &str) -> String {
    words(text).iter().map(|word| capitalised(word)).collect()
}

pub(super) fn camel_case(text: &str) -> String {
    let words = words(text);
    let rest = words.iter().skip(1).map(|word| capitalised(word));
    words.first().cloned().into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain_and_never_empty() {
        for (name, expected) in
            [("Demo Shop", "demo-shop"), ("  --A__b!!c--", "a-b-c"), ("日本", "project"), ("", "project")]
        {
            assert_eq!(slug(name), expected);
        }
        assert!(slug(&"a-".repeat(60)).len() <= MAX_SLUG);
        assert!(!slug(&"a-".repeat(60)).ends_with('-'));
    }

    #[test]
    fn cases_keep_the_words() {
        for (text, snake, pascal, camel) in [
            ("Demo Shop", "demo_shop", "DemoShop", "demoShop"),
            ("HTTPServer", "http_server", "HttpServer", "httpServer"),
            ("my-app v2", "my_app_v2", "MyAppV2", "myAppV2"),
            ("alreadyCamel", "already_camel", "AlreadyCamel", "alreadyCamel"),
            ("", "", "", ""),
        ] {
            assert_eq!(snake_case(text), snake);
            assert_eq!(kebab_case(text), snake.replace('_', "-"));
            assert_eq!(pascal_case(text), pascal);
            assert_eq!(camel_case(text), camel);
        }
    }
}
