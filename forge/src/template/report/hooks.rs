use crate::source::{Entry, EntryKind, Source, SourceError};

/// When cookiecutter would run them.
const MOMENTS: [(&str, &str); 3] = [
    ("pre_prompt", "before the questions"),
    ("pre_gen_project", "before the files are made"),
    ("post_gen_project", "after the files are made"),
];

/// The most characters of a script's own words.
const MAX_WORDS: usize = 120;

/// What an author should know of scripts that are never run: when they would be, in which language, and what
/// they say of themselves.
pub(in super::super) fn notes(source: &dyn Source) -> Result<Vec<String>, SourceError> {
    let mut notes = Vec::new();
    for (at, entry) in source.entries().iter().enumerate() {
        let name = entry.path.strip_prefix("hooks/");
        if let (Some(name), EntryKind::File(_)) = (name, entry.kind) {
            notes.push(note(entry, name, &source.read(at)?));
        }
    }
    Ok(notes)
}

fn note(file: &Entry, name: &str, content: &[u8]) -> String {
    let path = &file.path;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let Some((moment, when)) = MOMENTS.iter().find(|(moment, _)| *moment == stem) else {
        return format!("`{path}` is never run");
    };
    let text = String::from_utf8_lossy(content);
    let words = first_words(&text).map(|words| format!(": \"{words}\"")).unwrap_or_default();
    format!("`{path}` is never run: {} for {moment} ({when}){words}", language(name, &text))
}

fn language(name: &str, text: &str) -> &'static str {
    let interpreter = text.lines().next().filter(|line| line.starts_with("#!")).unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "py" => "a Python script",
        "sh" | "bash" => "a shell script",
        "bat" | "cmd" | "ps1" => "a Windows script",
        _ if interpreter.contains("python") => "a Python script",
        _ if interpreter.contains("sh") => "a shell script",
        _ => "a script",
    }
}

/// The first line of the first comment or docstring that has words.
fn first_words(text: &str) -> Option<String> {
    let quotes = ["\"\"\"", "'''"];
    let mut inside = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("#!")) {
        let unprefixed = line.trim_start_matches(['r', 'R', 'u', 'U']);
        let opened = quotes.iter().find_map(|quote| unprefixed.strip_prefix(quote));
        let words = match (opened, line.strip_prefix('#')) {
            (Some(words), _) if !inside => words,
            (None, Some(words)) if !inside => words,
            _ if inside => line,
            _ => return None,
        };
        inside |= opened.is_some();
        let words = words.split("\"\"\"").next().unwrap_or_default().split("'''").next().unwrap_or_default();
        let words = words.trim_matches(|c: char| c.is_whitespace() || c == '#');
        if words.chars().any(char::is_alphabetic) && !words.starts_with("-*-") {
            return Some(words.chars().take(MAX_WORDS).collect());
        }
    }
    None
}
