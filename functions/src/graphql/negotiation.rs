//! Media types: what a client takes, and what it sends.

use std::cmp::Reverse;

use aws_lambda_events::http::HeaderMap;
use aws_lambda_events::http::header::ACCEPT;

/// A media type of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json`: a proxy's own pages may have it too, so a status other than 200 says little.
    Json,
    /// `application/graphql-response+json`: nobody but GraphQL servers sends it, so the status counts.
    GraphqlResponse,
}

impl MediaType {
    /// As the header of an answer has it.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }

    fn essence(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GraphqlResponse => "application/graphql-response+json",
        }
    }

    /// The type a client likes best; none if it takes neither. Of two it likes alike, the one it names more
    /// closely, then the one it names first. Who says nothing, or takes anything, gets JSON.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(ACCEPT).iter().map(|value| value.to_str().unwrap_or_default());
        let accept = values.collect::<Vec<_>>().join(",");
        let ranges = split(&accept, ',').map(str::trim).filter(|range| !range.is_empty());
        let ranges: Vec<&str> = ranges.collect();
        if ranges.is_empty() {
            return Some(Self::Json);
        }
        let liked = |media_type: Self| Some((liking(&ranges, media_type)?, media_type));
        // Of two that are alike in all, `max_by_key` takes the last.
        let both = [Self::GraphqlResponse, Self::Json].into_iter().filter_map(liked);
        both.max_by_key(|(liking, _)| *liking).map(|(_, media_type)| media_type)
    }
}

/// How much a client likes a type, by the range that fits it most closely: quality, closeness, place in the list.
fn liking(ranges: &[&str], media_type: MediaType) -> Option<(u16, u8, Reverse<usize>)> {
    let fits = |(place, text): (usize, &&str)| {
        let range = Parameters::of(text);
        let closeness = match range.essence.as_str() {
            essence if essence == media_type.essence() => 2,
            "application/*" => 1,
            "*/*" => 0,
            _ => return None,
        };
        let quality = range.quality()?;
        range.is_utf8().then_some((closeness, Reverse(place), quality))
    };
    let (closeness, place, quality) = ranges.iter().enumerate().filter_map(fits).max()?;
    (quality > 0).then_some((quality, closeness, place))
}

/// Whether a body of that `Content-Type` is JSON in UTF-8. None of the types that browsers send unasked is.
pub(super) fn is_json(content_type: &str) -> bool {
    let sent = Parameters::of(content_type);
    sent.essence == "application/json" && sent.is_utf8()
}

/// A media type or range with its parameters.
struct Parameters<'a> {
    /// In lower case.
    essence: String,
    parameters: Vec<(String, &'a str)>,
}

impl<'a> Parameters<'a> {
    fn of(text: &'a str) -> Self {
        let mut parts = split(text, ';').map(str::trim);
        let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
        let parameter = |part: &'a str| {
            let (name, value) = part.split_once('=')?;
            let value = value.trim();
            let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            Some((name.trim().to_ascii_lowercase(), bare))
        };
        Self { essence, parameters: parts.filter_map(parameter).collect() }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    fn is_utf8(&self) -> bool {
        self.get("charset")
            .is_none_or(|it| it.eq_ignore_ascii_case("utf-8") || it.eq_ignore_ascii_case("utf8"))
    }

    /// The weight in thousandths; none if it is none, which leaves the range without meaning.
    fn quality(&self) -> Option<u16> {
        let Some(text) = self.get("q") else { return Some(1000) };
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        if decimals.len() > 3 || !decimals.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let thousandths = format!("{decimals:0<3}").parse::<u16>().ok()?;
        match whole {
            "0" => Some(thousandths),
            "1" if thousandths == 0 => Some(1000),
            _ => None,
        }
    }
}

/// The parts of a header's value between delimiters, where those in quotes are none.
fn split(text: &str, delimiter: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |it: char| {
        match it {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => return it == delimiter && !quoted,
        }
        false
    })
}
