//! Reading filters: recursive descent over the text.

use super::matching::{pattern_regex, search_regex};
use super::{Filter, FilterError, LOGGED, Op, Scalar, is_name, is_word, read_word};
use crate::model::names::visible;

/// Words that stand for values no text can write.
pub(super) const SYMBOLS: [&str; 6] = ["$none", "$empty", "$true", "$false", "$nan", "$exists"];

/// How deep parentheses and negations may be nested, so that no text exhausts the stack.
pub(super) const MAX_DEPTH: usize = 64;

/// How long a filter may be in bytes, so that none takes long to compile.
pub(super) const MAX_LENGTH: usize = 16 * 1024;

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Filter, FilterError> {
    if text.len() > MAX_LENGTH {
        return Err(FilterError::TooLong { length: text.len() });
    }
    let mut parser = Parser { text, at: 0, depth: 0 };
    parser.skip_blanks();
    if parser.rest().is_empty() {
        return Ok(Filter::All(Vec::new()));
    }
    let filter = parser.any()?;
    if parser.peek() == Some(')') {
        return Err(FilterError::Stray { column: parser.column(parser.at) });
    }
    Ok(filter)
}

struct Parser<'a> {
    text: &'a str,
    /// The byte that comes next.
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Filter, FilterError> {
        let mut members = vec![self.all()?];
        while self.connective("or", "|") {
            members.push(self.all()?);
        }
        Ok(alone_or(members, Filter::Any))
    }

    fn all(&mut self) -> Result<Filter, FilterError> {
        let mut members = vec![self.one()?];
        loop {
            if !self.connective("and", "&,") {
                // Conditions side by side must all hold, unless what follows belongs to somebody else.
                let ends =
                    matches!(self.peek(), None | Some(')' | '|')) || self.keyword_length("or").is_some();
                if ends {
                    return Ok(alone_or(members, Filter::All));
                }
            }
            members.push(self.one()?);
        }
    }

    fn one(&mut self) -> Result<Filter, FilterError> {
        self.skip_blanks();
        if self.depth == MAX_DEPTH {
            return Err(FilterError::TooDeep { column: self.column(self.at) });
        }
        self.depth += 1;
        let filter = if self.peek() == Some('(') {
            self.parenthesis()
        } else if self.connective("not", "!") {
            self.one().map(|filter| Filter::Not(Box::new(filter)))
        } else {
            self.condition()
        };
        self.depth -= 1;
        filter
    }

    fn parenthesis(&mut self) -> Result<Filter, FilterError> {
        let open = self.at;
        self.at += 1;
        let filter = self.any()?;
        if self.peek() != Some(')') {
            return Err(FilterError::Unclosed { column: self.column(open), open: '(', close: ')' });
        }
        self.at += 1;
        Ok(filter)
    }

    fn condition(&mut self) -> Result<Filter, FilterError> {
        let start = self.at;
        let field = self.field()?;
        let written = self.text.get(start..self.at).unwrap_or_default();
        let after_field = self.at;
        self.skip_blanks();
        let Some(op) = self.operator()? else {
            let logged = LOGGED.iter().any(|prefix| field.len() > prefix.len() && field.starts_with(prefix));
            // `tags.*` and the like are words to search for, not tags.
            let whole = self.text.get(after_field..).is_none_or(|rest| !rest.starts_with(is_word));
            if logged && whole {
                return Ok(Filter::Compare { field, op: Op::Exists, value: Scalar::Null });
            }
            let word = self.text.get(start..).unwrap_or_default();
            let word = if written.starts_with(['"', '`']) { written } else { until_blank(word) };
            return Err(FilterError::BareWord { column: self.column(start), word: visible(word) });
        };
        let operator_end = self.at;
        self.skip_blanks();
        let condition = || visible(self.text.get(start..operator_end).unwrap_or_default());
        if matches!(self.peek(), None | Some(')' | ',' | '&' | '|')) {
            return Err(FilterError::NoValue { column: self.column(self.at), condition: condition() });
        }
        self.value(field, op)
    }

    /// A field's name: plain characters and quoted parts, side by side.
    fn field(&mut self) -> Result<String, FilterError> {
        let mut name = String::new();
        let start = self.at;
        loop {
            match self.peek() {
                Some(quote @ ('"' | '`')) => name.push_str(&self.quoted(quote)?),
                Some(c) if is_name(c) => {
                    name.push(c);
                    self.at += c.len_utf8();
                }
                _ if self.at > start => return Ok(name),
                Some('\'') => {
                    let word = self.quoted('\'')?;
                    return Err(FilterError::BareWord { column: self.column(start), word: visible(&word) });
                }
                Some(c) if is_word(c) => {
                    let word = visible(until_blank(self.rest()));
                    return Err(FilterError::BareWord { column: self.column(start), word });
                }
                Some(c) => {
                    let found = format!("`{}`", visible(&c.to_string()));
                    return Err(FilterError::NoField { column: self.column(start), found });
                }
                None => {
                    return Err(FilterError::NoField { column: self.column(start), found: "the end".into() });
                }
            }
        }
    }

    /// The operator that comes next, if one does.
    fn operator(&mut self) -> Result<Option<Asked>, FilterError> {
        let rest = self.rest();
        let word = if rest.starts_with(':') {
            rest.get(1..).and_then(|word| word.find(':')).and_then(|end| rest.get(..end + 2)).unwrap_or(":")
        } else {
            let end = rest.find(|c| !"=<>!~".contains(c)).unwrap_or(rest.len());
            rest.get(..end).unwrap_or_default()
        };
        let op = match word {
            // `tags.a !tags.b`: the negation of what follows.
            "" | "!" => return Ok(None),
            "=" | "==" => Asked::Op(Op::Eq),
            "!=" | "<>" => Asked::Op(Op::Ne),
            "<" => Asked::Op(Op::Lt),
            "<=" => Asked::Op(Op::Le),
            ">" => Asked::Op(Op::Gt),
            ">=" => Asked::Op(Op::Ge),
            "~" | ":regex:" => Asked::Op(Op::Match),
            ":exists:" => Asked::Existence,
            // `train.py:45` is a text to search for.
            _ if word.starts_with(':') => return Ok(None),
            _ => {
                let instead = match word {
                    "=<" => "`<=`",
                    "=>" => "`>=`",
                    "=~" | "~=" | "~~" => "`~`",
                    "!~" => "`not` before the condition and `~` in it",
                    "=!" | "!==" | "><" => "`!=`",
                    "===" => "`=`",
                    _ => "one of = != < <= > >= ~",
                };
                let op = visible(until_blank(word));
                return Err(FilterError::UnknownOperator { column: self.column(self.at), op, instead });
            }
        };
        self.at += word.len();
        Ok(Some(op))
    }

    /// The value of a condition whose field and operator are read.
    fn value(&mut self, field: String, asked: Asked) -> Result<Filter, FilterError> {
        let start = self.at;
        let (value, symbol) = match self.peek() {
            Some(quote @ ('\'' | '"' | '`')) => (Value::Quoted(self.quoted(quote)?), None),
            Some('$') => {
                let word = self.word()?;
                (self.symbol(start, word)?, Some(word))
            }
            _ => (Value::Word(self.word()?), None),
        };
        let column = self.column(start);
        let op = match asked {
            Asked::Op(op) => op,
            Asked::Existence => {
                let there = match value {
                    Value::Word(word) => read_word(word) == Scalar::Bool(true),
                    Value::Symbol(ref value) => *value == Scalar::Bool(true),
                    Value::Quoted(_) | Value::Exists => true,
                };
                return Ok(existence(field, there));
            }
        };
        let value = match (op, value) {
            (Op::Eq, Value::Exists) => return Ok(existence(field, true)),
            (Op::Ne, Value::Exists) => return Ok(existence(field, false)),
            (Op::Match, Value::Quoted(pattern)) => Scalar::Text(check_search(pattern, column)?),
            (Op::Match, Value::Word(pattern)) => Scalar::Text(check_search(pattern.to_owned(), column)?),
            (_, Value::Quoted(text)) => Scalar::Text(text),
            (_, Value::Word(word)) => read_word(word),
            (_, Value::Symbol(value)) => value,
            (_, Value::Exists) => Scalar::Null,
        };
        let ordering = matches!(op, Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::Match);
        let orderless = matches!(value, Scalar::Null) || value.as_f64().is_some_and(f64::is_nan);
        if ordering && orderless {
            let word = symbol.map_or_else(|| value.to_string(), str::to_owned);
            return Err(FilterError::NoOrder { column, word });
        }
        if let (Op::Eq | Op::Ne, Scalar::Text(text)) = (op, &value) {
            check_pattern(text, column)?;
        }
        Ok(Filter::Compare { field, op, value })
    }

    fn symbol(&self, start: usize, word: &str) -> Result<Value<'a>, FilterError> {
        Ok(match word {
            "$none" => Value::Symbol(Scalar::Null),
            "$empty" => Value::Symbol(Scalar::Text(String::new())),
            "$true" => Value::Symbol(Scalar::Bool(true)),
            "$false" => Value::Symbol(Scalar::Bool(false)),
            "$nan" => Value::Symbol(Scalar::Float(f64::NAN)),
            "$exists" => Value::Exists,
            _ => return Err(FilterError::UnknownSymbol { column: self.column(start), word: visible(word) }),
        })
    }

    /// A value without quotes.
    fn word(&mut self) -> Result<&'a str, FilterError> {
        let rest = self.rest();
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        match after.chars().next() {
            None | Some(',' | '&' | '|' | ')') => {}
            Some(c) if c.is_whitespace() => {}
            Some(found) => {
                let value = visible(until_blank(rest));
                return Err(FilterError::Unquoted { column: self.column(self.at + end), found, value });
            }
        }
        self.at += end;
        Ok(word)
    }

    /// A text in quotes; the position is at the opening one.
    fn quoted(&mut self, quote: char) -> Result<String, FilterError> {
        let open = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1).peekable();
        while let Some((offset, c)) = chars.next() {
            let escaped = chars.peek().map(|(_, next)| *next).filter(|next| *next == quote || *next == '\\');
            match (c, escaped) {
                ('\\', Some(next)) => {
                    text.push(next);
                    chars.next();
                }
                _ if c == quote => {
                    self.at = open + offset + c.len_utf8();
                    return Ok(text);
                }
                _ => text.push(c),
            }
        }
        Err(FilterError::Unclosed { column: self.column(open), open: quote, close: quote })
    }

    /// Goes past a connective if one comes next, as a word or as one of some signs (`||` is `|`).
    fn connective(&mut self, word: &str, signs: &str) -> bool {
        self.skip_blanks();
        if let Some(sign) = self.peek().filter(|c| signs.contains(*c)) {
            let doubled = sign != '!' && sign != ',' && self.rest()[1..].starts_with(sign);
            self.at += if doubled { 2 } else { 1 };
            return true;
        }
        if let Some(length) = self.keyword_length(word) {
            self.at += length;
            return true;
        }
        false
    }

    /// The length of a keyword, if it comes next; before an operator the same letters name a field.
    fn keyword_length(&self, word: &str) -> Option<usize> {
        let found = self.rest().get(..word.len()).filter(|found| found.eq_ignore_ascii_case(word))?;
        let after = self.rest().get(found.len()..)?;
        let next = after.trim_start();
        let compares = next.starts_with(['=', '<', '>', '~', ':']) || next.starts_with("!=");
        (!compares && !after.starts_with(|c| is_name(c) || c == '"' || c == '`')).then_some(found.len())
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn column(&self, at: usize) -> usize {
        self.text.get(..at).map_or(0, |before| before.chars().count()) + 1
    }
}

/// What an operator asks for.
#[derive(Clone, Copy)]
enum Asked {
    Op(Op),
    /// XTLib's `:exists:`, followed by a truth value.
    Existence,
}

/// A value as it was written.
enum Value<'a> {
    Quoted(String),
    Word(&'a str),
    Symbol(Scalar),
    Exists,
}

fn alone_or(mut members: Vec<Filter>, group: fn(Vec<Filter>) -> Filter) -> Filter {
    match members.pop() {
        Some(only) if members.is_empty() => only,
        Some(last) => {
            members.push(last);
            group(members)
        }
        None => group(members),
    }
}

fn existence(field: String, there: bool) -> Filter {
    let filter = Filter::Compare { field, op: Op::Exists, value: Scalar::Null };
    if there { filter } else { Filter::Not(Box::new(filter)) }
}

fn check_search(pattern: String, column: usize) -> Result<String, FilterError> {
    match search_regex(&pattern) {
        Ok(_) => Ok(pattern),
        Err(error) => Err(regex_error(&pattern, column, &error)),
    }
}

fn check_pattern(text: &str, column: usize) -> Result<(), FilterError> {
    match pattern_regex(text) {
        Some(Err(error)) => Err(regex_error(text, column, &error)),
        _ => Ok(()),
    }
}

/// The last line of a regex error is its reason; those before draw the expression.
fn regex_error(pattern: &str, column: usize, error: &regex::Error) -> FilterError {
    let text = error.to_string();
    let why = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    FilterError::Regex { column, pattern: visible(pattern), why }
}

fn until_blank(text: &str) -> &str {
    text.split(char::is_whitespace).next().unwrap_or_default()
}
