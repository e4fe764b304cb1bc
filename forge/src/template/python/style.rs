//! How a text's marks are written: the options of `jinja2.Environment` that concern texts.

use serde_json::{Map, Value};

/// The longest mark that is understood, in bytes.
const LONGEST_MARK: usize = 15;

/// A delimiter or a prefix. Small enough to be copied, so that a style can be passed around by value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    length: u8,
    bytes: [u8; LONGEST_MARK],
}

impl Mark {
    /// Nothing, if the text is empty or too long.
    pub fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; LONGEST_MARK];
        let length = u8::try_from(text.len()).ok()?;
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        (length > 0).then_some(Self { length, bytes })
    }

    const fn pair(a: u8, b: u8) -> Self {
        let mut bytes = [0; LONGEST_MARK];
        bytes[0] = a;
        bytes[1] = b;
        Self { length: 2, bytes }
    }

    /// The mark as text.
    pub fn as_str(&self) -> &str {
        // Made from whole texts only.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }
}

/// What ends a line where the template ends one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NewLine {
    /// `\n`
    #[default]
    Lf,
    /// `\r\n`
    CrLf,
    /// `\r`
    Cr,
}

impl NewLine {
    /// The characters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Cr => "\r",
        }
    }

    /// The newline written so, if it is one.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Lf, Self::CrLf, Self::Cr].into_iter().find(|new_line| new_line.as_str() == text)
    }
}

/// How templates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Before and after a statement.
    pub block: (Mark, Mark),
    /// Before and after an expression.
    pub variable: (Mark, Mark),
    /// Before and after a comment.
    pub comment: (Mark, Mark),
    /// What makes a line a statement.
    pub line_statement: Option<Mark>,
    /// What makes the rest of a line a comment.
    pub line_comment: Option<Mark>,
    /// The newline after a statement is left out.
    pub trim_blocks: bool,
    /// So are blanks before it, if nothing else stands there.
    pub lstrip_blocks: bool,
    /// The newline at the very end is kept.
    pub keep_trailing_newline: bool,
    /// What ends lines while a text is rendered.
    pub new_line: NewLine,
    /// What ends the lines of every file that is made; if nothing, what ended them in the template.
    pub file_new_line: Option<NewLine>,
}

impl Default for Style {
    /// Cookiecutter's: Jinja's own delimiters, and the last newline is kept.
    fn default() -> Self {
        Self {
            block: (Mark::pair(b'{', b'%'), Mark::pair(b'%', b'}')),
            variable: (Mark::pair(b'{', b'{'), Mark::pair(b'}', b'}')),
            comment: (Mark::pair(b'{', b'#'), Mark::pair(b'#', b'}')),
            line_statement: None,
            line_comment: None,
            trim_blocks: false,
            lstrip_blocks: false,
            keep_trailing_newline: true,
            new_line: NewLine::Lf,
            file_new_line: None,
        }
    }
}

impl Style {
    /// From keyword arguments of `jinja2.Environment`, as `_jinja2_env_vars` gives them; and what is wrong with
    /// them, a sentence each.
    pub fn from_options(options: &Map<String, Value>) -> (Self, Vec<String>) {
        let mut style = Self::default();
        let problems = options.iter().filter_map(|(name, value)| style.set(name, value)).collect();
        let starts = [style.block.0, style.variable.0, style.comment.0];
        let differ = starts[0] != starts[1] && starts[1] != starts[2] && starts[0] != starts[2];
        if differ {
            return (style, problems);
        }
        let same = "block, variable and comment must start differently".to_owned();
        (style, [problems, vec![same]].concat())
    }

    /// Whether a text has anything to render.
    pub fn is_dynamic(&self, text: &str) -> bool {
        let starts = [self.block.0, self.variable.0, self.comment.0];
        let prefixes = [self.line_statement, self.line_comment].into_iter().flatten();
        starts.into_iter().chain(prefixes).any(|mark| text.contains(mark.as_str()))
    }

    /// Whether a directory of this name holds the files of a cookiecutter template.
    pub(in crate::template) fn is_top_directory(&self, name: &str) -> bool {
        let marks = [self.variable.0, self.variable.1];
        name.contains("cookiecutter") && marks.iter().all(|mark| name.contains(mark.as_str()))
    }

    fn set(&mut self, name: &str, value: &Value) -> Option<String> {
        let mark = value.as_str().and_then(Mark::new);
        let place = match name {
            "block_start_string" => Some(&mut self.block.0),
            "block_end_string" => Some(&mut self.block.1),
            "variable_start_string" => Some(&mut self.variable.0),
            "variable_end_string" => Some(&mut self.variable.1),
            "comment_start_string" => Some(&mut self.comment.0),
            "comment_end_string" => Some(&mut self.comment.1),
            _ => None,
        };
        match (place, mark, name) {
            (Some(place), Some(mark), _) => *place = mark,
            (Some(_), None, _) => {
                return Some(format!("`{name}` must be a text of 1 to {LONGEST_MARK} bytes"));
            }
            (None, Some(mark), "line_statement_prefix") => self.line_statement = Some(mark),
            (None, Some(mark), "line_comment_prefix") => self.line_comment = Some(mark),
            (None, _, "line_statement_prefix" | "line_comment_prefix") if value.is_null() => {}
            _ => return self.set_switch(name, value),
        }
        None
    }

    fn set_switch(&mut self, name: &str, value: &Value) -> Option<String> {
        match (name, value.as_bool(), value.as_str().and_then(NewLine::from_text)) {
            ("trim_blocks", Some(yes), _) => self.trim_blocks = yes,
            ("lstrip_blocks", Some(yes), _) => self.lstrip_blocks = yes,
            ("keep_trailing_newline", Some(yes), _) => self.keep_trailing_newline = yes,
            ("newline_sequence", _, Some(new_line)) => self.new_line = new_line,
            // What these change is speed alone, or nothing at all.
            ("optimized" | "auto_reload" | "enable_async", _, _) | ("autoescape", Some(false), _) => {}
            ("cache_size", _, _) if value.is_number() => {}
            _ => return Some(format!("`{name}` cannot be {value}")),
        }
        None
    }
}
