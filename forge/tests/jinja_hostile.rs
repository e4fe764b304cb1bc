//! Snippets that mean harm: each ends, in an error or not, and none takes the process with it.

use std::collections::BTreeMap;

use serde_json::Map;
use skafu_forge::template::{Chance, RenderProblem, Style, render_text};

fn problem(text: &str) -> Option<RenderProblem> {
    let rendered = render_text(text, &Map::new(), BTreeMap::new(), Style::default(), Chance::default());
    rendered.err().map(|error| error.problem)
}

/// A loop that puts a value into another one again and again.
fn nested(seed: &str, step: &str, use_it: &str) -> String {
    format!(
        "{{% set ns = namespace(v={seed}) %}}{{% for i in range(50000) %}}{{% set ns.v = {step} %}}{{% endfor %}}{use_it}"
    )
}

#[test]
fn values_may_be_nested_but_not_be_looked_at_without_end() {
    for (seed, step) in [("[]", "[ns.v]"), ("{}", "{'a': ns.v}"), ("()", "([ns.v],)")] {
        assert_eq!(problem(&nested(seed, step, "ok")), None, "{step}");
        assert!(problem(&nested(seed, step, "{{ ns.v }}")).is_some(), "{step}");
        assert!(problem(&nested(seed, step, "{{ ns.v|tojson }}")).is_some(), "{step}");
    }
    assert_eq!(problem(&nested("()", "(ns.v,)", "ok")), Some(RenderProblem::Evaluation));
}

#[test]
fn what_is_in_itself_many_times_is_not_gone_through() {
    let doubled = "{% set ns = namespace(v=[1], w=[1]) %}{% for i in range(60) %}\
                   {% set ns.v = [ns.v, ns.v] %}{% set ns.w = [ns.w, ns.w] %}{% endfor %}";
    let uses = [
        "{{ ns.v|pprint }}",
        "{{ [ns.v]|unique }}",
        "{{ ns.v == ns.w }}",
        "{{ ns.v < ns.w }}",
        "{% do ns.v.append(ns.w) %}",
        "{{ {(ns.v,): 1} }}",
        "{{ ns.v in [ns.w] }}",
    ];
    for text in uses {
        assert_eq!(problem(&format!("{doubled}{text}")), Some(RenderProblem::Evaluation), "{text}");
    }
}

#[test]
fn a_filter_compares_so_much_in_all() {
    let lists = "{% set a = range(1000)|list %}{% set lists = [a] * 5000 %}";
    let keys = "{% set t = (1,) * 5000 %}{% set d = {} %}\
                {% for i in range(500) %}{% do d.update({t + (i,): 1}) %}{% endfor %}";
    for text in [
        format!("{lists}{{{{ lists|sort|length }}}}"),
        format!("{lists}{{{{ (lists * 4)|max|length }}}}"),
        format!("{lists}{{{{ (a[:999] + [1]) in lists * 4 }}}}"),
        format!("{lists}{{{{ (lists * 4).count(a) }}}}"),
        format!("{lists}{{% set b = a[:999] + [1] %}}{{{{ (lists * 4 + [b]).index(b) }}}}"),
        format!("{keys}{{{{ d|dictsort|length }}}}"),
        format!("{keys}{{{{ d|pprint|length }}}}"),
    ] {
        assert_eq!(problem(&text), Some(RenderProblem::Evaluation), "{text}");
    }
    assert_eq!(problem("{{ range(100000)|sort|length }}{{ {1: 2, 'a': 3}|pprint }}"), None);
}

#[test]
fn large_widths_and_numbers_take_no_time_and_do_not_overflow() {
    for (text, expected) in [
        ("{{ '{:016000000,}'.format(1)|length }}", "16000001".to_owned()),
        ("{{ '{:08,}'.format(1) }}", "0,000,001".to_owned()),
        ("{{ '{:07_x}'.format(255) }}", "00_00ff".to_owned()),
        ("{{ '{:012_b}'.format(5) }}", "00_0000_0101".to_owned()),
        ("{{ '{:03,}'.format(1234567) }}", "1,234,567".to_owned()),
        ("{{ '{:010,.1f}'.format(-1234.5) }}", "-001,234.5".to_owned()),
        ("{{ (9 * 10**37)|round(-38)|int }}", format!("1{}", "0".repeat(38))),
        ("{{ 25|round(-1)|int }} {{ 35|round(-1)|int }}", "20 40".to_owned()),
        (
            "{% set y %}{% now 'utc', '%99999999999999999999999Y' %}{% endset %}{{ y|length }}",
            "1000".to_owned(),
        ),
    ] {
        let rendered = render_text(text, &Map::new(), BTreeMap::new(), Style::default(), Chance::default());
        assert_eq!(rendered.as_deref(), Ok(expected.as_str()), "{text}");
    }
}

#[test]
fn nothing_holds_itself() {
    for text in [
        "{% set a = [] %}{% do a.append(a) %}",
        "{% set a = [] %}{% set b = [a] %}{% do a.insert(0, b) %}",
        "{% set a = [] %}{% do a.extend([(a,)]) %}",
        "{% set a = {} %}{% do a.update(a=a) %}",
        "{% set a = {} %}{% set b = a.setdefault('x', [a]) %}",
    ] {
        assert_eq!(problem(text), Some(RenderProblem::Evaluation), "{text}");
    }
}

#[test]
fn texts_and_lists_have_an_end() {
    for text in [
        "{{ 'x' * 10**12 }}",
        "{{ [1] * 10**9 }}",
        "{{ range(10**15)|list }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'x'|center(10**15) }}",
        "{{ 'x'.zfill(10**15) }}",
        "{{ ('x' * 10**6).replace('x', 'y' * 10**6) }}",
        "{{ ('\n' * 10**6)|indent(10000, blank=true) }}",
        "{{ ('\t' * 10**6).expandtabs(10**6) }}",
        "{{ random_ascii_string(10**12) }}",
        "{{ lipsum(10**9) }}",
        "{{ [1]|batch(10**15)|list }}",
        "{{ 2.5 ** 100000 }}",
        "{{ 2 ** (10**9) }}",
        "{{ range(1000)|join('x' * 10**5)|length }}",
        "{{ ('x' * 10**6)|wordwrap(1)|length }}",
        "{{ ('x ' * 1000)|wordwrap(1, wrapstring='y' * 10**6)|length }}",
        "{% now 'utc', '%1000Y' * 20000 %}",
    ] {
        assert_eq!(problem(text), Some(RenderProblem::Evaluation), "{text}");
    }
    assert_eq!(problem("{{ 5.5 in range(10**15) }}"), None);
}

#[test]
fn what_the_engine_below_would_panic_at_is_an_error() {
    let cycle = "{% for i in [1] %}{{ loop.cycle() }}{% endfor %}";
    let renamed = "{% for i in [1] %}{% set l = loop %}{{ l.cycle(*[]) }}{% endfor %}";
    for text in [cycle, renamed, "{{ 1 is divisibleby 0 }}", "{{ 1 // 0 }}", "{{ 'a'[::0] }}"] {
        assert_eq!(problem(text), Some(RenderProblem::Evaluation), "{text}");
    }
}

#[test]
fn long_expressions_are_refused_before_they_take_the_stack() {
    let repeated = |before: &str, part: &str, after: &str| format!("{before}{}{after}", part.repeat(20_000));
    for text in [
        repeated("{{ a", ".b", " }}"),
        repeated("{{ a", "[0]", " }}"),
        repeated("{{ 1", "|string", " }}"),
        repeated("{{ 1", " and 1", " }}"),
        repeated("{{ ", "not ", "1 }}"),
        repeated("{{ ", "-", "1 }}"),
        repeated("{{ ", "(", "1 }}"),
        repeated("{{ ", "[", " }}"),
        repeated("", "{% if 1 %}", ""),
        repeated("{% if 1 %}", "{% elif 1 %}", "{% endif %}"),
        repeated("{{ 1", " if 1", " }}"),
        repeated("{{ ", "1 if 1 else ", "1 }}"),
    ] {
        let start = text.get(..40).unwrap_or_default();
        assert_eq!(problem(&text), Some(RenderProblem::Syntax), "{start}");
    }
    assert_eq!(problem(&repeated("{{ 1", " ~ 1", " }}")), None);
}

#[test]
fn marks_of_the_engine_below_are_text() {
    for text in ["\u{1}% if %\u{1}", "{% raw %}\u{1}{ 1 }\u{1}{% endraw %}", "{{ '\u{1}{ x }\u{1}' }}"] {
        let rendered = render_text(text, &Map::new(), BTreeMap::new(), Style::default(), Chance::default());
        assert!(rendered.is_ok_and(|rendered| rendered.starts_with('\u{1}')), "{text:?}");
    }
}
