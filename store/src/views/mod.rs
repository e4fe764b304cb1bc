mod memory;
mod port;

pub use memory::MemoryViewStore;
pub use port::{Cursor, Index, IndexKey, Order, PutError, Row, RowKey, RowPage, ViewStore};
