//! Which files are copied and not rendered: what `binaryornot` 0.6 decides, which cookiecutter asks.

/// How much of a file is looked at, in bytes.
const HEAD: usize = 512;

/// What ends the names of files that are never rendered.
const EXTENSIONS: &str = " 3ds blend dae fbx glb stl usdz 7z bz2 cab gz jar lz lz4 lzma rar tar xz z zip zst aac aif \
    aiff alac ape flac m4a mid midi mp3 ogg opus wav wma dwg dwf dxb step stp class dll o pyc pyo so wasm accdb db \
    dbf mdb sqlite sqlite3 dmg img iso qcow2 vdi vhd vmdk doc docx epub mobi odt pages pdf ppt pptx xls xlsx com exe \
    msi bin fw rom eot otf ttc ttf woff woff2 gba n64 nds nes pak sav sfc smc shp shx avif bmp cr2 cr3 dng gif heic \
    heif ico jfif jp2 jpeg jpg jxl nef orf png psd raw tif tiff webp xcf arrow avro fit fits hdf5 mat npy npz parquet \
    pcap pcapng avi flv m4v mkv mov mp4 mpeg mpg ogv webm wmv ";

/// What files of known formats begin with. Those that cannot begin a text in UTF-8 are left out.
const SIGNATURES: [&[u8]; 36] = [
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"MM\0*",
    b"II*\0",
    b"\0\0\x01\0",
    b"%PDF-1.",
    b"SQLite format 3\0",
    b"PK\x03\x04",
    b"\x7fELF",
    b"MZ",
    b"RIFF",
    b"OggS",
    b"fLaC",
    b"\0asm",
    b"wOFF",
    b"OTTO",
    b"\0\x01\0\0\0",
    b"\0\0\0\x01Bud1",
    b"wOF2",
    b"\0\0\0\x18ftypmp4",
    b"ID3",
    b"BZh",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"MThd",
    b"8BPS",
    b"\0\0\0\x1cftypheic",
    b"PAR1",
    b"dex\n",
    b"BC\xc0\xde",
    b"PACK",
    b"bplist",
    b"!<arch>\n",
    b"ARROW1",
    b"Obj\x01",
];
const MORE_SIGNATURES: [&[u8]; 3] = [b"\x04\"M\x18", b"]\0\0", b"070701"];

/// Whether cookiecutter copies the file. A text that is not UTF-8 is copied as well: there, it would be an error.
/// Its first 512 bytes tell; `path` is the template's own.
pub(in crate::template) fn is_binary(path: &str, content: &[u8]) -> bool {
    let head = content.get(..HEAD).unwrap_or(content);
    let begins = |signatures: &[&[u8]]| signatures.iter().any(|signature| head.starts_with(signature));
    if has_binary_extension(path) || begins(&SIGNATURES) || begins(&MORE_SIGNATURES) {
        return true;
    }
    let Ok(text) = std::str::from_utf8(content) else { return true };
    !head.is_empty()
        && if text.is_char_boundary(head.len()) { looks_binary(head) } else { looks_binary_when_cut(head) }
}

fn has_binary_extension(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let extension = extension.to_lowercase();
    !extension.is_empty()
        && !stem.is_empty()
        && !extension.contains(' ')
        && EXTENSIONS.contains(&format!(" {extension} "))
}

/// How often kinds of bytes occur, as parts of the whole.
struct Shares {
    nulls: f64,
    /// Nulls among them.
    controls: f64,
    printable: f64,
    high: f64,
    /// The longest run without control characters and high bytes.
    longest_run: f64,
    /// In bits per byte.
    entropy: f64,
}

#[expect(clippy::cast_precision_loss, reason = "there are 512 bytes at most")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn is_control(byte: u8) -> bool {
    byte < 32 && !matches!(byte, b'\t' | b'\n' | b'\r')
}

impl Shares {
    fn of(head: &[u8]) -> Self {
        let count = |is: fn(u8) -> bool| share(head.iter().filter(|byte| is(**byte)).count(), head.len());
        let runs = head.split(|byte| is_control(*byte) || *byte >= 0x7f);
        let mut histogram = [0_usize; 256];
        for byte in head {
            histogram[usize::from(*byte)] += 1;
        }
        let parts = histogram.iter().filter(|count| **count > 0).map(|count| share(*count, head.len()));
        Self {
            nulls: count(|byte| byte == 0),
            controls: count(is_control),
            printable: count(|byte| (0x20..0x7f).contains(&byte)),
            high: count(|byte| byte >= 0x80),
            longest_run: share(runs.map(<[u8]>::len).max().unwrap_or(0), head.len()),
            entropy: -parts.map(|part| part * part.log2()).sum::<f64>(),
        }
    }
}

/// The part of nulls at every second place from this one.
fn nulls_from(head: &[u8], start: usize) -> f64 {
    let places = head.iter().skip(start).step_by(2);
    share(places.clone().filter(|byte| **byte == 0).count(), places.count())
}

/// For what is UTF-8 up to the end of the head: control characters decide.
fn looks_binary(head: &[u8]) -> bool {
    let shares = Shares::of(head);
    if shares.controls <= 0.000_977 {
        return false;
    }
    if shares.nulls <= 0.163_978 {
        return shares.controls > 0.45 || shares.controls <= 0.006_212;
    }
    if shares.high <= 0.082_843 {
        return nulls_from(head, 1) > 0.282_534
            && if shares.entropy <= 3.088_801 {
                shares.nulls > 0.822_852 || (shares.printable > 0.291_667 && shares.controls > 0.521_739)
            } else {
                nulls_from(head, 0) > 0.140_625
            };
    }
    if shares.longest_run > 0.291_667 || shares.entropy <= 0.698_576 {
        return true;
    }
    if shares.entropy > 5.613_847 {
        return shares.longest_run > 0.012_485;
    }
    // Where other encodings would be tried, the text is taken to be in none of them.
    shares.printable > 0.361_264 && shares.printable <= 0.408_333 && shares.controls > 0.26
}

/// For UTF-8 whose last character is cut by the end of the head. It may then be taken for another encoding; of
/// those, Shift JIS alone can be what UTF-8 looks like.
fn looks_binary_when_cut(head: &[u8]) -> bool {
    let shares = Shares::of(head);
    if shares.controls > 0.000_977 {
        return shares.nulls > 0.163_978;
    }
    if shares.longest_run <= 0.000_977 {
        return shares.entropy <= 1.953_445 || shares.entropy > 2.749_47;
    }
    if shares.longest_run <= 0.063_636 {
        return shares.entropy <= 2.021_329;
    }
    if shares.entropy <= 3.047_898 || shares.printable > 0.758_706 {
        return false;
    }
    if shares.longest_run <= 0.134_848 {
        return match shares.high {
            high if high > 0.633_612 => shares.printable > 0.145_455,
            high => shares.entropy > 3.851_786 && high > 0.483_333 && shares.longest_run <= 0.129_167,
        };
    }
    if shares.entropy <= 3.572_021 {
        return shares.high > 0.49 || shares.printable > 0.651_515;
    }
    if shares.printable <= 0.615_079 {
        return !could_be_shift_jis(head) || shares.longest_run > 0.176_923;
    }
    shares.longest_run > 0.252_381
}

fn could_be_shift_jis(head: &[u8]) -> bool {
    let mut bytes = head.iter();
    while let Some(byte) = bytes.next() {
        let is_single = *byte < 0x80 || (0xa1..=0xdf).contains(byte);
        let is_lead = (0x81..=0x9f).contains(byte) || (0xe0..=0xea).contains(byte);
        let is_pair =
            is_lead && bytes.next().is_some_and(|trail| (0x40..=0xfc).contains(trail) && *trail != 0x7f);
        if !is_single && !is_pair {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `binaryornot` 0.6.0 says.
    #[test]
    fn the_beginning_and_the_name_decide() {
        let long = |text: &str| text.repeat(600 / text.len() + 1);
        for (path, content, expected) in [
            ("a", Vec::new(), false),
            ("a", b"text\n".to_vec(), false),
            ("a.PNG", b"text".to_vec(), true),
            (".png", b"text".to_vec(), false),
            ("a.db.txt", b"text".to_vec(), false),
            ("a", b"BM is how this text begins".to_vec(), true),
            ("a", b"{{ x }}\0".to_vec(), false),
            ("a", [b"x".repeat(600), b"\0".to_vec()].concat(), false),
            ("a", [b"x".repeat(300), b"\x1b".to_vec(), b"x".repeat(300)].concat(), true),
            ("a", b"\x1b[1mbold\x1b[0m".to_vec(), false),
            ("a", "Grüße, 世界".into(), false),
            ("a", vec![b'a', 0xe9, b'b'], true),
            ("a", vec![0xff, 0xfe, b'a', 0], true),
            ("a", long("Быстрая лиса. ").into_bytes(), false),
        ] {
            assert_eq!(is_binary(path, &content), expected, "{path} {content:?}");
        }
    }
}
