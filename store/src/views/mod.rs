mod bounds;
mod memory;
mod port;

pub(crate) use bounds::check_changes;
pub use memory::MemoryViewStore;
pub use port::{
    Cursor, Index, IndexKey, MAX_CHANGES, Order, PutError, Row, RowChange, RowKey, RowList, RowPage,
    ViewStore,
};
