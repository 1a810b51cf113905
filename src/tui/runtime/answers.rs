//! Telling the terminal's answers from typed keys.
//!
//! crossterm knows no answers and makes keys of them: `ESC ]` becomes alt-], the bell ctrl-g, and an ESC that is the
//! last byte of a read the key esc. So keys that may begin an awaited answer are held back until they are one, or
//! cannot be one any more, or nothing follows for a moment; then they are typed keys like others, in their order.
//! While no answer is awaited nothing is held back.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::super::app::message::Answer;
use super::questions::Question;

/// How long answers are awaited. Longer than any line takes: an answer that comes when it is no longer awaited would be
/// taken for commands.
const AWAITED: Duration = Duration::from_secs(10);

/// How long more may take to follow. A lone esc is typed far more often than it begins an answer.
const AFTER_ESC: Duration = Duration::from_millis(50);
const AFTER_MORE: Duration = Duration::from_millis(250);

/// The longest answer, in characters.
const LONGEST: usize = 128;

/// Something that came from the terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum Came {
    /// A person did something.
    Event(Event),
    /// The terminal answered.
    Answer(Answer),
}

/// The awaited answers, and the keys that may be the beginning of one.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    awaited: Vec<Question>,
    /// Until when.
    until: Option<Instant>,
    held: Vec<KeyEvent>,
    /// The held keys as the terminal sent them.
    text: String,
    /// When the last of them came.
    last: Option<Instant>,
}

/// What a text is.
enum Reading {
    /// It may become an answer.
    Part,
    /// An answer to a question; nothing, if it cannot be understood.
    Whole(Question, Option<Answer>),
    /// It is none.
    None,
}

impl Answers {
    /// Answers to questions that are asked now.
    pub fn to(questions: Vec<Question>, now: Instant) -> Self {
        Self { awaited: questions, until: Some(now + AWAITED), ..Self::default() }
    }

    /// Takes in what crossterm has read, and tells what it was, as far as it is known.
    pub fn take(&mut self, event: Event, now: Instant) -> Vec<Came> {
        if self.until.is_some_and(|until| now >= until) {
            self.until = None;
            self.awaited.clear();
        }
        if self.awaited.is_empty() || matches!(event, Event::Resize(..)) {
            let mut came = if self.awaited.is_empty() { self.release() } else { Vec::new() };
            came.push(Came::Event(event));
            return came;
        }
        let key = match event {
            Event::Key(key) => letters(key).map(|letters| (key, letters)),
            _ => None,
        };
        let Some((key, letters)) = key else {
            let mut came = self.release();
            came.push(Came::Event(event));
            return came;
        };
        self.last = Some(now);
        self.held.push(key);
        self.text.push_str(&letters);
        match self.read() {
            Reading::Part => Vec::new(),
            Reading::Whole(question, answer) => {
                self.held.clear();
                self.text.clear();
                self.awaited.retain(|awaited| *awaited != question);
                answer.map(Came::Answer).into_iter().collect()
            }
            Reading::None => {
                // What was held before is typed; the last key may begin an answer itself.
                self.held.pop();
                let mut came = self.release();
                self.text = letters;
                self.held.push(key);
                if !matches!(self.read(), Reading::Part) {
                    came.extend(self.release());
                }
                came
            }
        }
    }

    /// When the held keys must be given up, if any are held.
    pub fn deadline(&self) -> Option<Instant> {
        let patience = if self.held.len() == 1 { AFTER_ESC } else { AFTER_MORE };
        self.last.filter(|_| !self.held.is_empty()).map(|last| last + patience)
    }

    /// Gives the held keys up: they are typed.
    pub fn release(&mut self) -> Vec<Came> {
        self.text.clear();
        self.held.drain(..).map(|key| Came::Event(Event::Key(key))).collect()
    }

    fn read(&self) -> Reading {
        let text = self.text.as_str();
        if self.awaited.iter().any(|question| question.begin().starts_with(text)) {
            return Reading::Part;
        }
        let body =
            self.awaited.iter().find_map(|question| Some((*question, text.strip_prefix(question.begin())?)));
        let Some((question, body)) = body else { return Reading::None };
        if let Some(body) = body.strip_suffix("\x1b\\").or_else(|| body.strip_suffix('\x07')) {
            return Reading::Whole(question, understand(question, body));
        }
        let plain = body.strip_suffix('\x1b').unwrap_or(body);
        let printable = plain.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if printable && plain.len() <= LONGEST { Reading::Part } else { Reading::None }
    }
}

/// A key as the terminal sent it, if it may belong to an answer.
fn letters(key: KeyEvent) -> Option<String> {
    if key.kind != KeyEventKind::Press {
        return None;
    }
    let shift = KeyModifiers::SHIFT;
    match (key.code, key.modifiers.difference(shift)) {
        (KeyCode::Esc, KeyModifiers::NONE) => Some("\x1b".to_owned()),
        (KeyCode::Char('g'), KeyModifiers::CONTROL) => Some("\x07".to_owned()),
        (KeyCode::Char(char), KeyModifiers::NONE) => Some(char.to_string()),
        (KeyCode::Char(char), KeyModifiers::ALT) => Some(format!("\x1b{char}")),
        _ => None,
    }
}

/// What an answer says.
fn understand(question: Question, body: &str) -> Option<Answer> {
    match question {
        Question::Background => colour(body).map(Answer::Background),
        Question::Name => Some(Answer::Name(body.to_owned())),
        Question::Kitty => Some(Answer::Kitty(body.ends_with(";OK"))),
    }
}

/// A colour as X writes it: `rgb:1e1e/1e1e/1e1e`, with one to four digits each.
fn colour(text: &str) -> Option<[u8; 3]> {
    let text = text.strip_prefix("rgb:").or_else(|| text.strip_prefix("rgba:"))?;
    let part = |part: &str| {
        let most =
            16_u32.checked_pow(u32::try_from(part.len()).ok()?)?.checked_sub(1).filter(|most| *most > 0)?;
        let digits = part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let value = u32::from_str_radix(part, 16).ok().filter(|_| digits)?;
        u8::try_from(value * 255 / most).ok()
    };
    let parts: Vec<u8> = text.split('/').map(part).collect::<Option<_>>()?;
    parts.get(..3)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    // Proves C1 (the terminal's answers; typed keys are never lost, reordered or held back for long).
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const ALL: [Question; 3] = [Question::Background, Question::Name, Question::Kitty];

    fn press(code: KeyCode, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(code, modifiers))
    }

    /// What crossterm makes of bytes that come in these reads.
    fn keys(reads: &[&str]) -> Vec<Event> {
        let mut events = Vec::new();
        for read in reads {
            let mut alt = KeyModifiers::NONE;
            for (at, char) in read.char_indices() {
                let shift = if char.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
                match char {
                    '\x1b' if at + 1 < read.len() => {
                        alt = KeyModifiers::ALT;
                        continue;
                    }
                    '\x1b' => events.push(press(KeyCode::Esc, KeyModifiers::NONE)),
                    '\x07' => events.push(press(KeyCode::Char('g'), KeyModifiers::CONTROL)),
                    char => events.push(press(KeyCode::Char(char), alt | shift)),
                }
                alt = KeyModifiers::NONE;
            }
        }
        events
    }

    fn all(answers: &mut Answers, events: Vec<Event>, now: Instant) -> Vec<Came> {
        events.into_iter().flat_map(|event| answers.take(event, now)).collect()
    }

    #[rstest]
    #[case(&["\x1b]11;rgb:ffff/FFFF/0000\x1b\\"], Answer::Background([255, 255, 0]))]
    #[case(&["\x1b]11;rgb:1e/1e/1e\x07"], Answer::Background([30, 30, 30]))]
    #[case(&["\x1b", "]11;rgb:8/0/", "f\x1b", "\\"], Answer::Background([136, 0, 255]))]
    #[case(&["\x1b]11;rgba:0000/0000/ffff/ffff\x07"], Answer::Background([0, 0, 255]))]
    #[case(&["\x1b_Gi=31;OK\x1b\\"], Answer::Kitty(true))]
    #[case(&["\x1b_Gi=31;ENOTSUPPORTED:no o=z\x1b\\"], Answer::Kitty(false))]
    #[case(&["\x1bP>|XTerm(390)\x1b\\"], Answer::Name("XTerm(390)".into()))]
    fn answers_are_told_from_keys(#[case] reads: &[&str], #[case] expected: Answer) {
        let now = Instant::now();
        let mut answers = Answers::to(ALL.to_vec(), now);
        let typed = || keys(&["jk"]);
        let events = [typed(), keys(reads), typed()].concat();
        let event = |event: Event| Came::Event(event);
        let (before, after) = (typed().into_iter().map(event), typed().into_iter().map(event));
        let wanted: Vec<_> = before.chain([Came::Answer(expected)]).chain(after).collect();
        assert_eq!(all(&mut answers, events, now), wanted);
        assert_eq!((answers.deadline(), answers.awaited.len()), (None, 2));
    }

    #[rstest]
    #[case::nonsense("\x1b]11;rgb:zz/1\x07", 0)]
    #[case::nonsense_without_end("\x1b]11;rgb:", 9)]
    #[case::another_colour("\x1b]10;rgb:0/0/0\x07", 14)]
    #[case::an_arrow_within("\x1b]11;r", 6)]
    fn what_is_no_answer_is_typed(#[case] text: &str, #[case] typed: usize) {
        let now = Instant::now();
        let mut answers = Answers::to(ALL.to_vec(), now);
        let mut came = all(&mut answers, keys(&[text]), now);
        let arrow = press(KeyCode::Down, KeyModifiers::NONE);
        came.extend(answers.take(arrow.clone(), now));
        assert_eq!(came.pop(), Some(Came::Event(arrow)));
        let events: Vec<_> = keys(&[text]).into_iter().map(Came::Event).collect();
        assert_eq!(
            (came.len(), came.as_slice()),
            (events.len().min(typed), &events[..events.len().min(typed)])
        );
    }

    #[test]
    fn keys_are_held_back_for_a_moment_and_only_while_an_answer_is_awaited() {
        let now = Instant::now();
        let esc = || keys(&["\x1b"]);
        let mut answers = Answers::to(vec![Question::Background], now);
        assert_eq!(all(&mut answers, esc(), now), []);
        assert_eq!(answers.deadline(), Some(now + AFTER_ESC));
        assert_eq!(answers.release(), [Came::Event(esc()[0].clone())]);
        assert_eq!(answers.deadline(), None);
        // It may come late.
        let late = now + Duration::from_secs(9);
        assert_eq!(all(&mut answers, keys(&["\x1b]11;rgb:0/0/0"]), late), []);
        assert_eq!(answers.deadline(), Some(late + AFTER_MORE));
        assert_eq!(all(&mut answers, keys(&["\x07"]), late), [Came::Answer(Answer::Background([0; 3]))]);
        // Nothing more is awaited.
        assert_eq!(all(&mut answers, esc(), late).len(), 1);
        let mut answers = Answers::to(vec![Question::Background], now);
        assert_eq!(all(&mut answers, esc(), now + AWAITED).len(), 1);
    }

    #[rstest]
    #[case("#ffffff")]
    #[case("rgb:ff/ff")]
    #[case("rgb:fffff/0/0")]
    #[case("rgb://")]
    #[case("rgb:+f/0/0")]
    fn what_is_no_colour(#[case] text: &str) {
        assert_eq!(colour(text), None);
    }

    /// A key, or a pause that is too long for an answer.
    fn input() -> impl Strategy<Value = Option<Event>> {
        let piece = prop::sample::select(vec![
            "\x1b", "\x1b]", "\x1b_", "\x1bP", "1", ";", "G", ">", "|", "r", "g", "b", ":", "/", "f", "\x07",
            "\x1b\\", "j", "O", "K",
        ]);
        let arrow = Just(Some(press(KeyCode::Up, KeyModifiers::NONE)));
        prop_oneof![20 => piece.prop_map(|piece| keys(&[piece]).pop()), 1 => Just(None), 1 => arrow]
    }

    proptest! {
        #[test]
        fn typed_keys_are_never_lost_or_reordered(
            inputs in prop::collection::vec(input(), 0..60),
            answer in prop::option::of((0..60_usize, 0..3_usize)),
        ) {
            let now = Instant::now();
            let mut answers = Answers::to(ALL.to_vec(), now);
            let mut typed = Vec::new();
            let mut came = Vec::new();
            let mut expected = 0;
            for (at, input) in inputs.into_iter().enumerate() {
                if let Some((_, which)) = answer.filter(|(place, _)| *place == at) {
                    // What is held by then is no beginning of this one.
                    came.extend(answers.release());
                    let whole = ["\x1b]11;rgb:0/0/0\x07", "\x1bP>|x\x1b\\", "\x1b_Gi=31;OK\x1b\\"][which];
                    let awaited = answers.awaited.len();
                    let told = all(&mut answers, keys(&[whole]), now);
                    prop_assert!(told.len() == 1 || answers.awaited.len() == awaited);
                    if told.len() != 1 || !matches!(told[0], Came::Answer(_)) {
                        // It was answered before, by chance.
                        typed.extend(keys(&[whole]));
                        came.extend(told);
                    } else {
                        expected = 1;
                    }
                }
                match input {
                    Some(event) => {
                        typed.push(event.clone());
                        came.extend(answers.take(event, now));
                    }
                    None => came.extend(answers.release()),
                }
                prop_assert_eq!(answers.deadline().is_some(), !answers.held.is_empty());
            }
            came.extend(answers.release());
            let got: Vec<Event> = came
                .iter()
                .filter_map(|came| if let Came::Event(event) = came { Some(event.clone()) } else { None })
                .collect();
            if ALL.len() - answers.awaited.len() == expected {
                prop_assert_eq!(got, typed);
            } else {
                // Pieces that happened to be an answer, if only one that says nothing: the rest is there, in its order.
                let mut rest = typed.iter();
                prop_assert!(got.iter().all(|event| rest.any(|typed| typed == event)));
            }
        }
    }
}
