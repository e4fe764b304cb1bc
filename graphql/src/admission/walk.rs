use std::collections::HashMap;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Pos, Variables};

use super::cost::{self, Given};
use super::guards::Asked;
use super::limits::{MAX_LEVELS, within};
use super::outline::Outline;
use super::refusal::Refusal;

/// Lists of the schema's own description: nested in each other they grow without an end.
const DESCRIBING: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];
/// How deep these may nest.
const MAX_DESCRIBING: usize = 2;

/// How large a selection is. Fragments count wherever they are spread; sums never overflow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub cost: usize,
    pub depth: usize,
    pub aliases: usize,
    describing: usize,
}

impl Size {
    /// What stands in a document without asking for anything new: whoever executes it looks at it all the same,
    /// wherever it is spread.
    const STEP: Self = Self { cost: 1, depth: 0, aliases: 0, describing: 0 };

    /// Side by side.
    fn and(self, other: Self) -> Self {
        Self {
            cost: self.cost.saturating_add(other.cost),
            depth: self.depth.max(other.depth),
            aliases: self.aliases.saturating_add(other.aliases),
            describing: self.describing.max(other.describing),
        }
    }
}

/// What an operation asks for.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    pub size: Size,
    pub root_fields: usize,
    /// Whether it asks for the schema.
    pub introspects: bool,
    /// Each field of each type once, or more often.
    pub asked: Vec<Asked<'a>>,
}

/// A fragment, the type it is on, and whether it is spread at the root. None is known of one that is being walked.
type Spread<'a> = (&'a str, Option<&'a str>, bool);

/// A walk through one operation: each fragment is walked once for each type it is spread on, however often it
/// is spread, so that the walk is no longer than the document.
pub(super) struct Walk<'a> {
    outline: &'a Outline,
    document: &'a ExecutableDocument,
    given: Given<'a>,
    fragments: HashMap<Spread<'a>, Option<(Size, usize)>>,
    found: Found<'a>,
}

/// Where a selection stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// How many selections it stands in, those of fragments included.
    level: usize,
    /// The type whose fields are selected; none within the description of the schema, and where it is not known.
    parent: Option<&'a str>,
    /// The response's field it belongs to; none at the root.
    root: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// Within a fragment on a type. The description of the schema has types that no outline knows.
    fn on(self, name: &'a str) -> Self {
        let describes = self.parent.is_none() && name.starts_with("__");
        Self { parent: (!describes).then_some(name), ..self }
    }

    /// One level further in. The walk itself takes a piece of the stack for each.
    fn within(self) -> Result<Self, Refusal> {
        let level = self.level + 1;
        within("levels, fragments included", level, MAX_LEVELS)?;
        Ok(Self { level, ..self })
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        outline: &'a Outline,
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
        variables: &'a Variables,
    ) -> Self {
        let given = Given { operation, variables };
        Self { outline, document, given, fragments: HashMap::new(), found: Found::default() }
    }

    /// All of it.
    pub(super) fn operation(mut self) -> Result<Found<'a>, Refusal> {
        let parent = match self.given.operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        if !self.outline.has(parent) {
            let message = format!("the schema has no type {parent}: there are no such operations");
            return Err(Refusal::invalid(message, self.given.operation.selection_set.pos));
        }
        let place = Place { level: 0, parent: Some(parent), root: None };
        let (size, root_fields) = self.selection(&self.given.operation.selection_set.node, place)?;
        within("nesting of introspection", size.describing, MAX_DESCRIBING)?;
        Ok(Found { size, root_fields, ..self.found })
    }

    /// The size of a selection, and how many fields it has itself.
    fn selection(&mut self, set: &'a SelectionSet, place: Place<'a>) -> Result<(Size, usize), Refusal> {
        let place = place.within()?;
        let (mut size, mut count) = (Size::default(), 0_usize);
        for item in &set.items {
            let (part, fields) = match &item.node {
                Selection::Field(field) => (self.field(&field.node, place, item.pos)?, 1),
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let place = condition.map_or(place, |it| place.on(it.node.on.node.as_str()));
                    let (size, fields) = self.selection(&inline.node.selection_set.node, place)?;
                    (size.and(Size::STEP), fields)
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let (size, fields) = self.fragment(name, place, item.pos)?;
                    (size.and(Size::STEP), fields)
                }
            };
            (size, count) = (size.and(part), count.saturating_add(fields));
        }
        Ok((size, count))
    }

    fn fragment(&mut self, name: &'a str, place: Place<'a>, at: Pos) -> Result<(Size, usize), Refusal> {
        let Some(fragment) = self.document.fragments.get(name) else {
            return Err(Refusal::invalid(format!("there is no fragment {name}"), at));
        };
        let place = place.on(fragment.node.type_condition.node.on.node.as_str());
        // At the root each of its fields is one of the response's.
        let key = (name, place.parent, place.root.is_none());
        match self.fragments.get(&key) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => return Err(Refusal::invalid(format!("the fragment {name} is part of itself"), at)),
            None => {}
        }
        self.fragments.insert(key, None);
        let found = self.selection(&fragment.node.selection_set.node, place)?;
        self.fragments.insert(key, Some(found));
        Ok(found)
    }

    fn field(&mut self, field: &'a Field, place: Place<'a>, at: Pos) -> Result<Size, Refusal> {
        let name = field.name.node.as_str();
        let key = field.response_key().node.as_str();
        let aliases = usize::from(field.alias.is_some());
        let root = place.root.unwrap_or(key);
        if name == "__typename" {
            return Ok(Size { aliases, ..Size::STEP });
        }
        let describes = name.starts_with("__");
        self.found.introspects |= describes && place.root.is_none();
        let known = place.parent.and_then(|parent| Some((parent, self.outline.field(parent, name)?)));
        if let Some(parent) = place.parent.filter(|_| !describes)
            && (known.is_some() || !self.outline.has(parent))
        {
            // What the outline does not know of a type it knows is no field, and fails in validation.
            self.found.asked.push(Asked { parent, field: name, root, place: at });
        }
        let parent = known.map(|(_, it)| it.named.as_str());
        let below = Place { parent, root: Some(root), ..place };
        let (below, _) = match field.selection_set.node.items.is_empty() {
            true => Default::default(),
            false => self.selection(&field.selection_set.node, below)?,
        };
        let (own, times) = match known {
            Some((parent, it)) => (cost::price(parent, name), cost::times(parent, field, it, &self.given)),
            None => (1, 1),
        };
        let is_listing = !describes && place.parent.is_none() && DESCRIBING.contains(&name);
        Ok(Size {
            cost: below.cost.saturating_mul(times).saturating_add(own),
            depth: below.depth.saturating_add(1),
            aliases: below.aliases.saturating_add(aliases),
            describing: below.describing.saturating_add(usize::from(is_listing)),
        })
    }
}
