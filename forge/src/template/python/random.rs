//! Functions and filters that draw.

use minijinja::{Environment, Error, Value};

use super::args::{bind, misuse};
use super::chance::Draws;
use super::filters::add_filter;
use super::globals::add_function;
use super::repr::MAX_TEXT;
use super::sequence;

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// What `lipsum` makes sentences of.
const WORDS: [&str; 24] = [
    "ad",
    "aliquam",
    "amet",
    "at",
    "augue",
    "consectetur",
    "diam",
    "dolor",
    "elit",
    "eros",
    "felis",
    "gravida",
    "ipsum",
    "lorem",
    "magna",
    "nulla",
    "orci",
    "purus",
    "quam",
    "rutrum",
    "sit",
    "tempor",
    "urna",
    "velit",
];

pub(super) fn add(environment: &mut Environment<'_>, draws: &Draws) {
    let own = draws.clone();
    add_function(environment, "random_ascii_string", move |_, args| {
        let bound = bind("random_ascii_string", &["length", "punctuation"], 1, args)?;
        let corpus = if bound.flag(1, false)? { [LETTERS, PUNCTUATION].concat() } else { LETTERS.to_owned() };
        let (corpus, length) = (corpus.as_bytes(), bound.count(0, 0)?);
        if length > MAX_TEXT {
            return Err(misuse("the text is too long"));
        }
        let drawn =
            (0..length).filter_map(|_| corpus.get(own.below(corpus.len())).map(|byte| char::from(*byte)));
        Ok(Value::from(drawn.collect::<String>()))
    });
    let own = draws.clone();
    add_function(environment, "uuid4", move |_, args| {
        bind("uuid4", &[], 0, args)?;
        Ok(Value::from(own.uuid()))
    });
    let own = draws.clone();
    add_filter(environment, "random", move |_, args| {
        let items = sequence::items(&bind("random", &["seq"], 1, args)?.value(0))?;
        Ok(items.get(own.below(items.len())).cloned().unwrap_or(Value::UNDEFINED))
    });
    let own = draws.clone();
    add_function(environment, "lipsum", move |_, args| lipsum(&own, args));
}

fn lipsum(draws: &Draws, args: &[Value]) -> Result<Value, Error> {
    let bound = bind("lipsum", &["n", "html", "min", "max"], 0, args)?;
    let (count, least, most) = (bound.count(0, 5)?, bound.count(2, 20)?, bound.count(3, 100)?);
    if count.saturating_mul(most) > 100_000 || least >= most {
        return Err(misuse(
            "lipsum makes up to 100000 words, of at least `min` and less than `max` in a paragraph",
        ));
    }
    let paragraphs: Vec<String> =
        (0..count).map(|_| paragraph(draws, least + draws.below(most - least))).collect();
    if !bound.flag(1, true)? {
        return Ok(Value::from(paragraphs.join("\n\n")));
    }
    let paragraphs: Vec<String> = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    Ok(Value::from_safe_string(paragraphs.join("\n")))
}

fn paragraph(draws: &Draws, words: usize) -> String {
    let mut text = String::new();
    let mut left_in_sentence = 0;
    for index in 0..words {
        let word = WORDS.get(draws.below(WORDS.len())).copied().unwrap_or_default();
        if left_in_sentence == 0 {
            left_in_sentence = 5 + draws.below(10);
            text.push_str(if index > 0 { ". " } else { "" });
            text.push_str(&word[..1].to_uppercase());
            text.push_str(&word[1..]);
        } else {
            text.push(' ');
            text.push_str(word);
        }
        left_in_sentence -= 1;
    }
    text + "."
}
