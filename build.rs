//! How the binary is linked, and the document that it carries.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::{env, fs};

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// Where the committed document stands.
const DOCUMENT: &str = "openapi/sarus.json";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let packed = fs::File::create(Path::new(&env::var("OUT_DIR")?).join("sarus.json.zlib"))?;
    let mut packing = ZlibEncoder::new(packed, Compression::best());
    packing.write_all(&fs::read(DOCUMENT)?)?;
    packing.finish()?;
    // Addresses that the loader must adjust are listed in a fortieth of the space. Needs glibc 2.36 (Debian 12).
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && is("CARGO_CFG_TARGET_ARCH", "x86_64")
    {
        println!("cargo::rustc-link-arg-bin=sarus=-Wl,-z,pack-relative-relocs");
    }
    Ok(())
}
