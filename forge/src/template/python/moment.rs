//! The statement `now`: the time somewhere, perhaps some days from it.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Span, Timestamp};
use minijinja::{Environment, Error, Value};

use super::args::{defined, misuse};
use super::convert;
use super::globals::add_function;
use super::markup::text_of;
use super::strftime::{Moment, formatted};
use super::token::is_space;

const DAY: &str = "%Y-%m-%d";

pub(super) fn add(environment: &mut Environment<'_>, now: i64) {
    add_function(environment, "py__now", move |_, args| match args {
        [zone, sign, offset, format] => told(now, zone, sign, offset, format).map(Value::from),
        _ => Err(misuse("`now` needs a time zone")),
    });
}

fn told(now: i64, zone: &Value, sign: &Value, offset: &Value, format: &Value) -> Result<String, Error> {
    let name = defined(zone)?.as_str().ok_or_else(|| misuse("a time zone is a text"))?;
    let zone = time_zone(name).ok_or_else(|| misuse(format!("there is no time zone `{name}`")))?;
    let now = Timestamp::from_microsecond(now).map_err(|error| misuse(error.to_string()))?;
    let moment = if sign.is_none() {
        at(&zone, now)
    } else {
        let wall = shifted(zone.to_datetime(now), sign.as_str().unwrap_or_default(), &text_of(offset)?)?;
        let there = zone.to_ambiguous_timestamp(wall).compatible();
        at(&zone, there.map_err(|error| misuse(error.to_string()))?)
    };
    let format = if defined(format)?.is_none() { DAY.to_owned() } else { text_of(format)? };
    formatted(&moment, &format)
}

fn at(zone: &TimeZone, timestamp: Timestamp) -> Moment {
    let info = zone.to_offset_info(timestamp);
    Moment {
        wall: info.offset().to_datetime(timestamp),
        offset: info.offset().seconds(),
        zone: info.abbreviation().to_owned(),
    }
}

/// `utc`, `local` (which is UTC here), an offset such as `+02:00`, or a name such as `Europe/Berlin`.
fn time_zone(name: &str) -> Option<TimeZone> {
    if matches!(name, "utc" | "UTC" | "local") {
        return TimeZone::get("UTC").ok();
    }
    let (sign, digits) = match name.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, name.strip_prefix('+').unwrap_or(name)),
    };
    let digits = digits.replacen(':', "", 1);
    if matches!(digits.len(), 2 | 4) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let part = |range: std::ops::Range<usize>| {
            digits.get(range).and_then(|part| part.parse::<i32>().ok()).unwrap_or_default()
        };
        let seconds = part(0..2) * 3600 + part(2..4) * 60;
        return Offset::from_seconds(sign * seconds).ok().map(TimeZone::fixed);
    }
    TimeZone::get(name).ok().filter(|_| !name.is_empty())
}

/// Later or earlier on the wall by `days=1, hours=2`.
fn shifted(wall: DateTime, sign: &str, offset: &str) -> Result<DateTime, Error> {
    let wrong = || misuse(format!("`{offset}` is no offset such as `days=1`"));
    let (mut months, mut seconds) = (0.0, 0.0);
    for part in offset.split(',') {
        let (unit, value) = part.split_once('=').ok_or_else(wrong)?;
        let value = Value::from(format!("{sign}{}", value.trim_matches(is_space)));
        let value = convert::to_float(&value).filter(|value| value.is_finite()).ok_or_else(wrong)?;
        match unit.trim_matches(is_space) {
            "years" => months += value.trunc() * 12.0 + check_whole(value).ok_or_else(wrong)?,
            "quarters" => months += value * 3.0 + check_whole(value * 3.0).ok_or_else(wrong)?,
            "months" => months += value + check_whole(value).ok_or_else(wrong)?,
            "weeks" => seconds += value * 604_800.0,
            "days" => seconds += value * 86_400.0,
            "hours" => seconds += value * 3_600.0,
            "minutes" => seconds += value * 60.0,
            "seconds" => seconds += value,
            "microseconds" => seconds += value / 1e6,
            "weekday" if value == 0.0 => {}
            _ => return Err(wrong()),
        }
    }
    let months = convert::to_integer(&Value::from(months), 10)?.and_then(|months| i32::try_from(months).ok());
    let span = Span::new().try_months(months.ok_or_else(wrong)?).map_err(|_| wrong())?;
    let duration = SignedDuration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
    wall.checked_add(span).and_then(|wall| wall.checked_add(duration)).map_err(|_| wrong())
}

/// Nought, if the number has no fraction.
fn check_whole(value: f64) -> Option<f64> {
    (value.fract() == 0.0).then_some(0.0)
}
