/// Items in runs as long as a request may be: at most `most` items of together at most `bytes`, as `size`
/// measures them. An item that is larger by itself stands alone.
pub fn chunks<T>(items: &[T], most: usize, bytes: usize, size: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let (mut chunks, mut start, mut sum) = (Vec::new(), 0, 0);
    for (at, item) in items.iter().enumerate() {
        let size = size(item);
        if at > start && (at - start == most || sum + size > bytes) {
            chunks.push(&items[start..at]);
            (start, sum) = (at, 0);
        }
        sum += size;
    }
    if start < items.len() {
        chunks.push(&items[start..]);
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(items: &[usize]) -> Vec<Vec<usize>> {
        chunks(items, 3, 10, |size| *size).into_iter().map(<[usize]>::to_vec).collect()
    }

    #[test]
    fn a_chunk_ends_before_it_holds_too_many_or_too_much() {
        assert_eq!(sizes(&[1; 7]), [vec![1; 3], vec![1; 3], vec![1]]);
        assert_eq!(sizes(&[5, 5, 1]), [vec![5, 5], vec![1]]);
        assert_eq!(sizes(&[1, 11, 1]), [vec![1], vec![11], vec![1]]);
        assert!(sizes(&[]).is_empty());
    }
}
