//! Filters and methods the engine does not bring itself.

use minijinja::Environment;

use super::naming;

pub(super) fn add(environment: &mut Environment<'_>) {
    minijinja_contrib::add_to_environment(environment);
    environment.add_filter("snake_case", |text: &str| naming::snake_case(text));
    environment.add_filter("kebab_case", |text: &str| naming::kebab_case(text));
    environment.add_filter("pascal_case", |text: &str| naming::pascal_case(text));
    environment.add_filter("camel_case", |text: &str| naming::camel_case(text));
}
