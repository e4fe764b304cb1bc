mod memory;
mod port;

pub use memory::MemoryViewStore;
pub(crate) use memory::check_changes;
pub use port::{
    Cursor, Index, IndexKey, MAX_CHANGES, Order, PutError, Row, RowChange, RowKey, RowList, RowPage,
    ViewStore,
};
