//! `strftime`, as Python has it from C's library, in its `C` locale.

use jiff::civil::DateTime;
use minijinja::Error;

use super::args::misuse;
use super::repr::MAX_TEXT;

/// The most characters a number is filled up to.
const MAX_WIDTH: usize = 1000;

/// A time on the wall, and where the wall is.
pub(super) struct Moment {
    pub(super) wall: DateTime,
    /// From UTC, in seconds.
    pub(super) offset: i32,
    /// Its abbreviation.
    pub(super) zone: String,
}

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[derive(Default)]
struct Flags {
    pad: Option<char>,
    is_upper: bool,
    width: usize,
}

impl Flags {
    fn number(&self, value: i64, width: usize, pad: char) -> String {
        let width = self.width.max(width);
        let digits = value.abs().to_string();
        let sign = if value < 0 { "-" } else { "" };
        match self.pad.unwrap_or(pad) {
            '-' => format!("{sign}{digits}"),
            '0' => format!("{sign}{digits:0>width$}"),
            _ => format!("{sign}{digits:>width$}"),
        }
    }
}

/// The format with its directives replaced; what is none stays. An error, if it becomes too long.
pub(super) fn formatted(moment: &Moment, format: &str) -> Result<String, Error> {
    let mut result = String::new();
    let mut rest = format;
    while let Some((before, directive)) = rest.split_once('%') {
        result.push_str(before);
        let mut flags = Flags::default();
        let mut tail = directive;
        while let Some(flag) = tail.chars().next().filter(|c| "-_0^#".contains(*c)) {
            match flag {
                '^' => flags.is_upper = true,
                '#' => {}
                pad => flags.pad = Some(if pad == '_' { ' ' } else { pad }),
            }
            tail = &tail[1..];
        }
        let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
        // Nothing but digits: what is no number is too large for one.
        flags.width =
            if digits == 0 { 0 } else { tail[..digits].parse().unwrap_or(MAX_WIDTH).min(MAX_WIDTH) };
        tail = &tail[digits..];
        tail = tail.strip_prefix(['E', 'O']).unwrap_or(tail);
        let kind = tail.chars().next();
        match kind.and_then(|kind| replaced(moment, kind, &flags)) {
            Some(text) => {
                result.push_str(&if flags.is_upper { text.to_uppercase() } else { text });
                rest = &tail[kind.map_or(0, char::len_utf8)..];
            }
            None => {
                result.push('%');
                rest = directive;
            }
        }
        if result.len() > MAX_TEXT {
            return Err(misuse("the text is too long"));
        }
    }
    Ok(result + rest)
}

fn replaced(moment: &Moment, kind: char, flags: &Flags) -> Option<String> {
    let wall = moment.wall;
    // These formats are short, and so is what they become.
    let again = |format: &str| formatted(moment, format).ok();
    let (year, month, day) = (i64::from(wall.year()), i64::from(wall.month()), i64::from(wall.day()));
    let hour = i64::from(wall.hour());
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let monday_first = i64::from(wall.date().weekday().to_monday_zero_offset());
    let sunday_first = (monday_first + 1) % 7;
    let day_of_year = i64::from(wall.date().day_of_year());
    let iso = wall.date().iso_week_date();
    let number = |value: i64, width: usize, pad: char| Some(flags.number(value, width, pad));
    let name = |names: &[&str], index: i64, length: usize| {
        let name =
            usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default();
        Some(name.get(..length.min(name.len())).unwrap_or(name).to_owned())
    };
    match kind {
        'a' => name(&DAYS, monday_first, 3),
        'A' => name(&DAYS, monday_first, 9),
        'b' | 'h' => name(&MONTHS, month - 1, 3),
        'B' => name(&MONTHS, month - 1, 9),
        'c' => again("%a %b %e %H:%M:%S %Y"),
        'C' => number(year / 100, 2, '0'),
        'd' => number(day, 2, '0'),
        'D' | 'x' => again("%m/%d/%y"),
        'e' => number(day, 2, ' '),
        'f' => Some(format!("{:06}", wall.subsec_nanosecond() / 1000)),
        'F' => again("%Y-%m-%d"),
        'g' => number(i64::from(iso.year()) % 100, 2, '0'),
        'G' => number(i64::from(iso.year()), 1, '0'),
        'H' => number(hour, 2, '0'),
        'I' => number(twelve, 2, '0'),
        'j' => number(day_of_year, 3, '0'),
        'k' => number(hour, 2, ' '),
        'l' => number(twelve, 2, ' '),
        'm' => number(month, 2, '0'),
        'M' => number(i64::from(wall.minute()), 2, '0'),
        'n' => Some("\n".to_owned()),
        'p' => Some(if hour < 12 { "AM" } else { "PM" }.to_owned()),
        'P' => Some(if hour < 12 { "am" } else { "pm" }.to_owned()),
        'r' => again("%I:%M:%S %p"),
        'R' => again("%H:%M"),
        // The time on the wall as if the wall were the machine's, which keeps UTC.
        's' => Some(jiff::tz::Offset::UTC.to_timestamp(wall).ok()?.as_second().to_string()),
        'S' => number(i64::from(wall.second()), 2, '0'),
        't' => Some("\t".to_owned()),
        'T' | 'X' => again("%H:%M:%S"),
        'u' => number(monday_first + 1, 1, '0'),
        'U' => number((day_of_year + 6 - sunday_first) / 7, 2, '0'),
        'V' => number(i64::from(iso.week()), 2, '0'),
        'w' => number(sunday_first, 1, '0'),
        'W' => number((day_of_year + 6 - monday_first) / 7, 2, '0'),
        'y' => number(year % 100, 2, '0'),
        'Y' => number(year, 1, '0'),
        'z' => {
            let minutes = moment.offset.abs() / 60;
            let sign = if moment.offset < 0 { '-' } else { '+' };
            Some(format!("{sign}{:02}{:02}", minutes / 60, minutes % 60))
        }
        'Z' => Some(moment.zone.clone()),
        '%' => Some("%".to_owned()),
        _ => None,
    }
}
