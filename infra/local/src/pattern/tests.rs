//! The behaviour of EventBridge's content filters, case by case.

use super::{Pattern, PatternError};

fn compile(pattern: &str) -> Result<Pattern, PatternError> {
    Pattern::compile(&serde_json::from_str(pattern).unwrap())
}

/// What the case is about, the pattern, an event, whether they match.
type Case = (&'static str, &'static str, &'static str, bool);

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("exact", r#"{"source":["orders"]}"#, r#"{"source":"orders"}"#, true),
    ("exact case", r#"{"source":["orders"]}"#, r#"{"source":"Orders"}"#, false),
    ("detail-type + detail AND", r#"{"detail-type":["OrderPlaced"],"detail":{"st":["x","y"]}}"#, r#"{"detail-type":"OrderPlaced","detail":{"st":"y"}}"#, true),
    ("AND fails", r#"{"detail-type":["OrderPlaced"],"detail":{"st":["x"]}}"#, r#"{"detail-type":"OrderPlaced","detail":{"st":"y"}}"#, false),
    ("prefix", r#"{"time":[{"prefix":"2017-10-02"}]}"#, r#"{"time":"2017-10-02T18:43:48Z"}"#, true),
    ("prefix ignore case", r#"{"service":[{"prefix":{"equals-ignore-case":"EventB"}}]}"#, r#"{"service":"eventbridge"}"#, true),
    ("suffix", r#"{"f":[{"suffix":".png"}]}"#, r#"{"f":"a.png"}"#, true),
    ("suffix ignore case", r#"{"f":[{"suffix":{"equals-ignore-case":".png"}}]}"#, r#"{"f":"a.PNG"}"#, true),
    ("anything-but str", r#"{"s":[{"anything-but":"init"}]}"#, r#"{"s":"run"}"#, true),
    ("anything-but str no", r#"{"s":[{"anything-but":"init"}]}"#, r#"{"s":"init"}"#, false),
    ("anything-but absent field", r#"{"s":[{"anything-but":"init"}]}"#, r#"{"t":"x"}"#, false),
    ("anything-but list", r#"{"s":[{"anything-but":["a","b"]}]}"#, r#"{"s":"b"}"#, false),
    ("anything-but number", r#"{"x":[{"anything-but":123}]}"#, r#"{"x":124}"#, true),
    ("anything-but number list", r#"{"x":[{"anything-but":[100,200]}]}"#, r#"{"x":200}"#, false),
    ("anything-but number 200.0", r#"{"x":[{"anything-but":[100,200]}]}"#, r#"{"x":200.0}"#, false),
    ("anything-but prefix", r#"{"s":[{"anything-but":{"prefix":"init"}}]}"#, r#"{"s":"initial"}"#, false),
    ("anything-but prefix yes", r#"{"s":[{"anything-but":{"prefix":"init"}}]}"#, r#"{"s":"done"}"#, true),
    ("anything-but prefix list", r#"{"s":[{"anything-but":{"prefix":["init","err"]}}]}"#, r#"{"s":"error"}"#, false),
    ("anything-but suffix", r#"{"f":[{"anything-but":{"suffix":".txt"}}]}"#, r#"{"f":"a.png"}"#, true),
    ("anything-but suffix list", r#"{"f":[{"anything-but":{"suffix":[".txt",".rtf"]}}]}"#, r#"{"f":"a.rtf"}"#, false),
    ("anything-but ignore case", r#"{"s":[{"anything-but":{"equals-ignore-case":"initializing"}}]}"#, r#"{"s":"INITIALIZING"}"#, false),
    ("anything-but ignore case list", r#"{"s":[{"anything-but":{"equals-ignore-case":["a","stopped"]}}]}"#, r#"{"s":"Running"}"#, true),
    ("anything-but wildcard", r#"{"p":[{"anything-but":{"wildcard":"*/lib/*"}}]}"#, r#"{"p":"/usr/lib/x"}"#, false),
    ("anything-but wildcard list", r#"{"p":[{"anything-but":{"wildcard":["*/lib/*","*/bin/*"]}}]}"#, r#"{"p":"/home/x"}"#, true),
    ("numeric range", r#"{"n":[{"numeric":[">",0,"<=",5]}]}"#, r#"{"n":5}"#, true),
    ("numeric range out", r#"{"n":[{"numeric":[">",0,"<=",5]}]}"#, r#"{"n":0}"#, false),
    ("numeric =", r#"{"n":[{"numeric":["=",3.018e2]}]}"#, r#"{"n":301.8}"#, true),
    ("numeric < negative", r#"{"n":[{"numeric":["<",-1.5]}]}"#, r#"{"n":-2}"#, true),
    ("numeric on string value", r#"{"n":[{"numeric":[">",0]}]}"#, r#"{"n":"5"}"#, false),
    ("equals-ignore-case", r#"{"s":[{"equals-ignore-case":"alice"}]}"#, r#"{"s":"ALiCE"}"#, true),
    ("wildcard", r#"{"p":[{"wildcard":"dir/*.png"}]}"#, r#"{"p":"dir/a/b.png"}"#, true),
    ("wildcard multi", r#"{"p":[{"wildcard":"arn:*:lambda:*:fn"}]}"#, r#"{"p":"arn:aws:lambda:eu:1:fn"}"#, true),
    ("wildcard escape", r#"{"p":[{"wildcard":"a\\*b"}]}"#, r#"{"p":"a*b"}"#, true),
    ("cidr", r#"{"ip":[{"cidr":"10.0.0.0/24"}]}"#, r#"{"ip":"10.0.0.99"}"#, true),
    ("cidr out", r#"{"ip":[{"cidr":"10.0.0.0/24"}]}"#, r#"{"ip":"10.0.1.1"}"#, false),
    ("cidr v6", r#"{"ip":[{"cidr":"2001:db8::/32"}]}"#, r#"{"ip":"2001:db8:1::5"}"#, true),
    ("exists true", r#"{"d":{"a":[{"exists":true}]}}"#, r#"{"d":{"a":"x"}}"#, true),
    ("exists true on null", r#"{"d":{"a":[{"exists":true}]}}"#, r#"{"d":{"a":null}}"#, true),
    ("exists true on object (leaf only)", r#"{"d":{"a":[{"exists":true}]}}"#, r#"{"d":{"a":{"b":1}}}"#, false),
    ("exists false absent", r#"{"d":{"a":[{"exists":false}]}}"#, r#"{"d":{"z":1}}"#, true),
    ("exists false parent absent", r#"{"d":{"a":[{"exists":false}]}}"#, r#"{"z":1}"#, true),
    ("exists false present", r#"{"d":{"a":[{"exists":false}]}}"#, r#"{"d":{"a":1}}"#, false),
    ("exists false OR value (absent)", r#"{"s":["x"],"a":[{"exists":false},"go"]}"#, r#"{"s":"x"}"#, true),
    ("exists false OR value (value)", r#"{"s":["x"],"a":[{"exists":false},"go"]}"#, r#"{"s":"x","a":"go"}"#, true),
    ("mixed matchers one field", r#"{"s":[{"prefix":"a"},{"suffix":"z"},"mid"]}"#, r#"{"s":"xyz"}"#, true),
    ("$or top", r#"{"$or":[{"a":[1]},{"b":[2]}]}"#, r#"{"a":9,"b":2}"#, true),
    ("$or none", r#"{"$or":[{"a":[1]},{"b":[2]}]}"#, r#"{"a":9,"b":9}"#, false),
    ("$or nested in detail", r#"{"source":["o"],"detail":{"$or":[{"a":[{"numeric":[">",5]}]},{"b":["x"]}]}}"#, r#"{"source":"o","detail":{"a":1,"b":"x"}}"#, true),
    ("$or within $or", r#"{"$or":[{"a":[1]},{"$or":[{"b":[2]},{"c":[3]}]}]}"#, r#"{"c":3}"#, true),
    ("array in event (any)", r#"{"resources":["r2"]}"#, r#"{"resources":["r1","r2"]}"#, true),
    ("array in event + anything-but", r#"{"r":[{"anything-but":"a"}]}"#, r#"{"r":["a","b"]}"#, true),
    ("array of objects consistent", r#"{"i":{"a":[1],"b":[2]}}"#, r#"{"i":[{"a":1,"b":2},{"a":3,"b":4}]}"#, true),
    ("array of objects cross element", r#"{"i":{"a":[1],"b":[4]}}"#, r#"{"i":[{"a":1,"b":2},{"a":3,"b":4}]}"#, false),
    ("null", r#"{"x":[null]}"#, r#"{"x":null}"#, true),
    ("empty string", r#"{"x":[""]}"#, r#"{"x":""}"#, true),
    ("bool", r#"{"x":[true]}"#, r#"{"x":true}"#, true),
    ("bool vs string", r#"{"x":[true]}"#, r#"{"x":"true"}"#, false),
    ("number vs string", r#"{"x":[1]}"#, r#"{"x":"1"}"#, false),
    ("number 300 vs 300.0", r#"{"x":[300]}"#, r#"{"x":300.0}"#, true),
    ("prefix on number value", r#"{"x":[{"prefix":"1"}]}"#, r#"{"x":12}"#, false),
    ("unicode exact", r#"{"x":["né"]}"#, r#"{"x":"n\u00e9"}"#, true),
];

#[rustfmt::skip]
const REFUSED: &[(&str, &str)] = &[
    ("wildcard consecutive **", r#"{"p":[{"wildcard":"a**b"}]}"#),
    ("non-array", r#"{"source":"x"}"#),
    ("empty array", r#"{"source":[]}"#),
    ("unknown op", r#"{"source":[{"foo":"x"}]}"#),
    ("bad numeric", r#"{"n":[{"numeric":["~",1]}]}"#),
    ("prefix number", r#"{"n":[{"prefix":1}]}"#),
    ("bad cidr", r#"{"n":[{"cidr":"300.1.1.1/8"}]}"#),
    ("empty pattern", r#"{}"#),
];

#[test]
fn patterns_match_as_on_eventbridge() {
    for (name, pattern, event, expected) in CASES {
        let pattern = compile(pattern).unwrap();
        let event = serde_json::from_str(event).unwrap();
        assert_eq!(pattern.matches(&event), *expected, "{name}");
    }
}

#[test]
fn what_eventbridge_refuses_is_refused() {
    for (name, pattern) in REFUSED {
        assert!(compile(pattern).is_err(), "{name}");
    }
}

#[test]
fn an_error_names_the_field() {
    let error = compile(r#"{"detail":{"data":{"total":[{"numeric":["~",1]}]}}}"#).unwrap_err();
    assert_eq!(error.path, "detail.data.total");
    assert_eq!(compile("[]").unwrap_err().path, "$");
}
