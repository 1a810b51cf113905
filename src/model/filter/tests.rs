//! Proves A7 and B15: the filter language of lists.

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::model::{Run, Status};

/// A value of a condition.
struct Value(Scalar);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(Scalar::Text(text.into()))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self(Scalar::Float(number))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self(Scalar::Int(number))
    }
}

impl From<Scalar> for Value {
    fn from(scalar: Scalar) -> Self {
        Self(scalar)
    }
}

fn is(field: &str, op: Op, value: impl Into<Value>) -> Filter {
    Filter::Compare { field: field.into(), op, value: value.into().0 }
}

fn there(field: &str) -> Filter {
    is(field, Op::Exists, Scalar::Null)
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

#[rstest]
#[case("lr<0.1", is("lr", Op::Lt, 0.1))]
#[case("epochs > 100", is("epochs", Op::Gt, 100))]
#[case("epochs >100", is("epochs", Op::Gt, 100))]
#[case("status=error", is("status", Op::Eq, "error"))]
#[case("status==error", is("status", Op::Eq, "error"))]
#[case("status!=error", is("status", Op::Ne, "error"))]
#[case("status<>error", is("status", Op::Ne, "error"))]
#[case("metrics.acc>.9", is("metrics.acc", Op::Gt, 0.9))]
#[case("a<=5", is("a", Op::Le, 5))]
#[case("a>=5.", is("a", Op::Ge, 5.0))]
#[case("test-acc<.5", is("test-acc", Op::Lt, 0.5))]
#[case("x>-5", is("x", Op::Gt, -5))]
#[case("x<-1e-3", is("x", Op::Lt, -0.001))]
#[case("x>=-inf", is("x", Op::Ge, f64::NEG_INFINITY))]
#[case("run=run3-run9", is("run", Op::Eq, "run3-run9"))]
#[case("name=a-*", is("name", Op::Eq, "a-*"))]
#[case("val/acc>.9", is("val/acc", Op::Gt, 0.9))]
#[case("acc@5>.9", is("acc@5", Op::Gt, 0.9))]
#[case("description=\"a = b\"", is("description", Op::Eq, "a = b"))]
#[case("description='a = b'", is("description", Op::Eq, "a = b"))]
#[case("description='it\\'s'", is("description", Op::Eq, "it's"))]
#[case("description=\"it's\"", is("description", Op::Eq, "it's"))]
#[case(r"path='C:\tmp\\'", is("path", Op::Eq, r"C:\tmp\"))]
#[case("metrics.\"test loss\"<1", is("metrics.test loss", Op::Lt, 1))]
#[case("metrics.`test loss` < 1", is("metrics.test loss", Op::Lt, 1))]
#[case("\"a=b\"=c", is("a=b", Op::Eq, "c"))]
#[case("version='1.10'", is("version", Op::Eq, "1.10"))]
#[case("version=1.10", is("version", Op::Eq, 1.1))]
#[case("optimizer=none", is("optimizer", Op::Eq, "none"))]
#[case("bn=true", is("bn", Op::Eq, Scalar::Bool(true)))]
#[case("repeat!=$none", is("repeat", Op::Ne, Scalar::Null))]
#[case("description=$empty", is("description", Op::Eq, ""))]
#[case("bn=$false", is("bn", Op::Eq, Scalar::Bool(false)))]
#[case("loss=$nan", is("loss", Op::Eq, f64::NAN))]
#[case("loss='$nan'", is("loss", Op::Eq, "$nan"))]
#[case("name~^a.b", is("name", Op::Match, "^a.b"))]
#[case("name~7", is("name", Op::Match, "7"))]
#[case("name:regex:^a.b", is("name", Op::Match, "^a.b"))]
#[case(r"name~'a|\d+ b'", is("name", Op::Match, r"a|\d+ b"))]
#[case("tags.priority", there("tags.priority"))]
#[case("tags.\"a b\"", there("tags.a b"))]
#[case("box=$exists", there("box"))]
#[case("box!=$exists", not(there("box")))]
#[case("box:exists:true", there("box"))]
#[case("box:exists:$false", not(there("box")))]
#[case("!tags.best", not(there("tags.best")))]
#[case("not lr<1", not(is("lr", Op::Lt, 1)))]
#[case("not=3", is("not", Op::Eq, 3))]
#[case("a=1 or = 2", Filter::All(vec![is("a", Op::Eq, 1), is("or", Op::Eq, 2)]))]
#[case("order=1", is("order", Op::Eq, 1))]
#[case("((a=1))", is("a", Op::Eq, 1))]
#[case("  ", Filter::All(vec![]))]
fn conditions(#[case] text: &str, #[case] expected: Filter) {
    assert_eq!(format!("{:?}", Filter::parse(text).unwrap()), format!("{expected:?}"));
}

#[rstest]
#[case("a=1 b=2")]
#[case("a=1 and b=2")]
#[case("a=1 AND b=2")]
#[case("a=1&b=2")]
#[case("a=1 && b=2")]
#[case("a=1, b=2")]
#[case("a=1,b=2")]
#[case("(a=1)(b=2)")]
fn all_of_several(#[case] text: &str) {
    assert_eq!(Filter::parse(text).unwrap(), Filter::All(vec![is("a", Op::Eq, 1), is("b", Op::Eq, 2)]));
}

#[rstest]
#[case("a=1 b=2 or c=3", "(a=1 and b=2) or c=3")]
#[case("a=1 | b=2 c=3", "a=1 or (b=2 and c=3)")]
#[case("a=1||b=2", "a=1 or b=2")]
#[case("(a=1 or b=2) c=3", "(a=1 or b=2) and c=3")]
#[case("not a=1 b=2", "not a=1 and b=2")]
#[case("!(a=1 or b=2)", "not (a=1 or b=2)")]
#[case("tags.a !tags.b", "tags.a and not tags.b")]
#[case("tags.a or tags.b", "tags.a or tags.b")]
#[case("x='$none' y='5' z='' and='a'", "x='$none' and y='5' and z=$empty and \"and\"=a")]
fn precedence_and_display(#[case] text: &str, #[case] shown: &str) {
    assert_eq!(Filter::parse(text).unwrap().to_string(), shown);
}

#[rstest]
#[case("running", 1, "write `tags.running`")]
#[case("run3-run9", 1, "`run3-run9` is no condition")]
#[case("run7.*", 1, "`run7.*` is no condition")]
#[case("v1.2", 1, "no condition")]
#[case("train.py:45", 1, "no condition")]
#[case("tags.", 1, "no condition")]
#[case("'some text'", 1, "`some text` is no condition")]
#[case("status=error oops", 14, "`oops` is no condition")]
#[case("betas=0.9,0.999", 11, "`0.999` is no condition")]
#[case("lr=", 4, "expected a value after `lr=`")]
#[case("(lr<)", 5, "expected a value after `lr<`")]
#[case("a=1 and", 8, "found the end")]
#[case("a=1 or or", 8, "`or` is no condition")]
#[case("<5", 1, "expected the name of a field, found `<`")]
#[case("lr=>5", 3, "use `>=`")]
#[case("lr=<5", 3, "use `<=`")]
#[case("name=~x", 5, "use `~`")]
#[case("name!~x", 5, "use `not`")]
#[case("a=b=c", 4, "write `'b=c'`")]
#[case("a=f(x)", 4, "write `'f(x)'`")]
#[case("ä='x", 3, "the `'` is never closed")]
#[case("(a=1", 1, "the `(` is never closed")]
#[case("a=1)", 4, "closes nothing")]
#[case("a=$nothing", 3, "`$nothing` means nothing: use $none, $empty")]
#[case("a<$none", 3, "nothing is less or greater than `$none`")]
#[case("a>nan", 3, "nothing is less or greater")]
#[case("a~'('", 3, "no regular expression: unclosed group")]
fn mistakes_are_told_with_their_column(#[case] text: &str, #[case] column: usize, #[case] told: &str) {
    let error = Filter::parse(text).unwrap_err();
    assert_eq!(error.column(), column, "{error}");
    assert!(error.to_string().contains(told), "{error}");
}

#[test]
fn hostile_texts_neither_overflow_nor_reach_the_terminal() {
    for text in ["(".repeat(16_000), "!".repeat(16_000), "not ".repeat(4_000)] {
        assert!(matches!(Filter::parse(&text), Err(FilterError::TooDeep { column: 1.. })));
    }
    let error = Filter::parse("a\u{1b}[31m").unwrap_err().to_string();
    assert!(!error.contains('\u{1b}'), "{error}");
    assert_eq!(
        Filter::parse(&format!("a={}", "?*".repeat(10_000))),
        Err(FilterError::TooLong { length: 20_002 })
    );
}

#[rstest]
// Numbers.
#[case("lr<0.1", true)]
#[case("lr=.03", true)]
#[case("lr=0.030", true)]
#[case("epochs=100", true)]
#[case("epochs=100.0", true)]
#[case("epochs>100", false)]
#[case("epochs>=100", true)]
#[case("bn=1", true)]
#[case("bn=true", true)]
#[case("bn=$false", false)]
// NaN.
#[case("loss=$nan", true)]
#[case("loss=nan", true)]
#[case("loss!=$nan", false)]
#[case("loss<1", false)]
#[case("loss>=1", false)]
#[case("loss!=1", true)]
#[case("lr=$nan", false)]
#[case("lr<inf", true)]
// Texts.
#[case("status=error", true)]
#[case("status=Error", false)]
#[case("status=err*", true)]
#[case("status!=err*", false)]
#[case("status=?rror", true)]
#[case("status=err?", false)]
#[case("status~rr", true)]
#[case("status~^rr", false)]
#[case("description='a = b'", true)]
#[case("description='a*'", true)]
#[case("optimizer=none", true)]
#[case("optimizer=$none", false)]
// Texts and numbers.
#[case("version=1.10", true)]
#[case("version=1.1", true)]
#[case("version='1.10'", true)]
#[case("version='1.1'", false)]
#[case("version!=1.1", false)]
#[case("version>1", false)]
#[case("lr='0.03'", true)]
#[case("lr=0.0*", true)]
#[case("lr>a", false)]
#[case("pretrained=true", true)]
// Times are ordered texts.
#[case("created>=2026-11-24", true)]
#[case("created>2026-11-25", false)]
// Missing values.
#[case("nothing=1", false)]
#[case("nothing<1", false)]
#[case("nothing>=1", false)]
#[case("nothing!=1", true)]
#[case("nothing=$none", true)]
#[case("nothing!=$none", false)]
#[case("nothing=*", false)]
#[case("nothing!=a*", true)]
#[case("nothing~.", false)]
#[case("nothing=$empty", false)]
#[case("lr!=$none", true)]
#[case("description!=$empty", true)]
// Tags: one with a value, one without, none.
#[case("tags.priority", true)]
#[case("tags.best", true)]
#[case("tags.worst", false)]
#[case("!tags.worst", true)]
#[case("tags.best=$none", true)]
#[case("tags.best!=1", true)]
#[case("tags.priority>4", true)]
#[case("box=$exists", false)]
// Groups.
#[case("lr<0.1 and epochs>100", false)]
#[case("lr<0.1 or epochs>100", true)]
#[case("not (lr<0.1 epochs>100)", true)]
#[case("metrics.loss=$nan, hparams.lr=.03", true)]
#[case("", true)]
fn matches(#[case] text: &str, #[case] expected: bool) {
    let mut run = Run {
        status: Status::Error,
        description: Some("a = b".into()),
        create_time: "2026-11-24T22:22:12.576512+00:00".parse().unwrap(),
        ..Run::default()
    };
    for (name, value) in [
        ("lr", Scalar::Float(0.03)),
        ("epochs", Scalar::Int(100)),
        ("bn", Scalar::Bool(true)),
        ("version", Scalar::Text("1.10".into())),
        ("optimizer", Scalar::Text("none".into())),
        ("pretrained", Scalar::Text("True".into())),
    ] {
        run.hparams.insert(name.into(), value);
    }
    run.metrics.insert("loss".into(), Scalar::Float(f64::NAN));
    run.tags.insert("priority".into(), Scalar::Int(5));
    run.tags.insert("best".into(), Scalar::Null);
    let filter = Filter::parse(text).unwrap();
    assert_eq!(filter.matches(&|name| run.field(name)), expected, "{filter}");
    if let Filter::Compare { field, op, value } = &filter {
        assert_eq!(compare(run.field(field).as_ref(), *op, value), expected, "compare");
    }
}

fn scalars() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        Just(Scalar::Null),
        any::<bool>().prop_map(Scalar::Bool),
        any::<i64>().prop_map(Scalar::Int),
        any::<f64>().prop_map(Scalar::Float),
        "[a-z0-9.$*?'\"\\\\= -]{0,8}".prop_map(Scalar::Text),
        any::<String>().prop_map(Scalar::Text),
    ]
}

fn conditions_of_any_kind() -> impl Strategy<Value = Filter> {
    let field = prop_oneof![
        "(hparams\\.|metrics\\.|tags\\.)?[a-z_][a-z0-9_./-]{0,8}",
        Just("not".to_owned()),
        Just("tags.".to_owned()),
        any::<String>(),
    ];
    let comparison = prop_oneof![
        (prop_oneof![Just(Op::Eq), Just(Op::Ne)], scalars()),
        (
            prop_oneof![Just(Op::Lt), Just(Op::Le), Just(Op::Gt), Just(Op::Ge)],
            scalars().prop_filter("ordered", |value| {
                !matches!(value, Scalar::Null) && !value.as_f64().is_some_and(f64::is_nan)
            })
        ),
        any::<String>().prop_map(|text| (Op::Match, Scalar::Text(regex::escape(&text)))),
        Just((Op::Exists, Scalar::Null)),
    ];
    (field, comparison).prop_map(|(field, (op, value))| Filter::Compare { field, op, value })
}

fn filters() -> impl Strategy<Value = Filter> {
    conditions_of_any_kind().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Any),
            inner.prop_map(not),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_shown_reads_back_the_same(filter in filters()) {
        let shown = filter.to_string();
        let back = Filter::parse(&shown).map_err(|error| TestCaseError::fail(format!("{shown}: {error}")))?;
        prop_assert_eq!(format!("{:?}", back), format!("{:?}", filter), "{}", shown);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Filter::parse(&text);
    }

    #[test]
    fn any_text_of_the_language_is_read_or_refused(text in "[ab1.=<>!~'\"`\\\\$*?(),|& :-]{0,24}") {
        match Filter::parse(&text) {
            Ok(filter) => { filter.matches(&|_| Some(Scalar::Text("a".into()))); }
            Err(error) => prop_assert!(error.column() <= text.chars().count() + 1),
        }
    }

    #[test]
    fn equal_and_not_equal_are_opposites(field in prop::option::of(scalars()), value in scalars()) {
        prop_assert_ne!(compare(field.as_ref(), Op::Eq, &value), compare(field.as_ref(), Op::Ne, &value));
    }
}
