use std::io::{self, Write};

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use gix_hash::{Kind, ObjectId};

use super::{Object, ObjectKind};

/// Objects in git's pack format, version 2, and the index that finds them in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// The checksum, which also names the pack's files.
    pub id: ObjectId,
    /// The `.pack` file.
    pub data: Vec<u8>,
    /// The `.idx` file.
    pub index: Vec<u8>,
}

struct Place {
    id: ObjectId,
    offset: u32,
    crc: u32,
}

/// Packs objects whole: deltas would not pay for one commit.
pub fn pack(objects: &[Object]) -> io::Result<Pack> {
    let mut data = b"PACK\0\0\0\x02".to_vec();
    data.extend(narrow(objects.len())?.to_be_bytes());
    let mut places = Vec::with_capacity(objects.len());
    for object in objects {
        let start = data.len();
        data.extend(entry_header(object));
        let mut compressed = ZlibEncoder::new(data, Compression::default());
        compressed.write_all(&object.bytes)?;
        data = compressed.finish()?;
        let mut crc = Crc::new();
        crc.update(&data[start..]);
        places.push(Place { id: object.id, offset: narrow(start)?, crc: crc.sum() });
    }
    let id = checksum(&data)?;
    data.extend(id.as_slice());
    let index = index(places, id)?;
    Ok(Pack { id, data, index })
}

/// The kind in three bits, the length in four and then seven bits a byte, lowest first.
fn entry_header(object: &Object) -> Vec<u8> {
    let kind = match object.kind {
        ObjectKind::Commit => 1,
        ObjectKind::Tree => 2,
        ObjectKind::Blob => 3,
    };
    let mut length = object.bytes.len();
    let mut header = vec![kind << 4 | (length & 0x0f) as u8];
    length >>= 4;
    while length > 0 {
        if let Some(last) = header.last_mut() {
            *last |= 0x80;
        }
        header.push((length & 0x7f) as u8);
        length >>= 7;
    }
    header
}

/// The index, version 2: how many ids start at or below each byte, ids, checksums, offsets.
fn index(mut places: Vec<Place>, pack: ObjectId) -> io::Result<Vec<u8>> {
    places.sort_by_key(|place| place.id);
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=u8::MAX {
        let count = places.iter().filter(|place| place.id.first_byte() <= first).count();
        index.extend(narrow(count)?.to_be_bytes());
    }
    index.extend(places.iter().flat_map(|place| place.id.as_slice()));
    index.extend(places.iter().flat_map(|place| place.crc.to_be_bytes()));
    index.extend(places.iter().flat_map(|place| place.offset.to_be_bytes()));
    index.extend(pack.as_slice());
    let id = checksum(&index)?;
    index.extend(id.as_slice());
    Ok(index)
}

fn checksum(bytes: &[u8]) -> io::Result<ObjectId> {
    let mut hasher = gix_hash::hasher(Kind::Sha1);
    hasher.update(bytes);
    hasher.try_finalize().map_err(io::Error::other)
}

/// Offsets of 31 bits are all the simple index can hold; a rendering has at most 64 MiB.
fn narrow(number: usize) -> io::Result<u32> {
    u32::try_from(number)
        .ok()
        .filter(|number| *number < 1 << 31)
        .ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))
}
