import { crc32, deflateRawSync } from 'node:zlib';

export interface ArchiveFile {
  name: string;
  bytes: Buffer;
}

/** A zip archive (PKWARE APPNOTE 6.3) of deflated files. */
export function zipOf(files: readonly ArchiveFile[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const data = deflateRawSync(bytes);
    const fields = zipFields(Buffer.from(name), bytes, data);
    const local = Buffer.concat([signature(0x04034b50), fields, Buffer.from(name), data]);
    const central = Buffer.concat([
      signature(0x02014b50),
      Buffer.from([20, 0]),
      fields,
      Buffer.alloc(10),
      u32(offset),
      Buffer.from(name),
    ]);
    // Comment length, disk, attributes: ten bytes of zero between the fields and the offset.
    locals.push(local);
    directory.push(central);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.concat([
    signature(0x06054b50),
    Buffer.alloc(4),
    u16(files.length),
    u16(files.length),
    u32(central.length),
    u32(offset),
    u16(0),
  ]);
  return Buffer.concat([...locals, central, end]);
}

/** Version to the extra length: what local and central headers share. */
function zipFields(name: Buffer, bytes: Buffer, data: Buffer): Buffer {
  return Buffer.concat([
    u16(20),
    u16(0),
    u16(8),
    u32(0x5a8c_0000),
    u32(crc32(bytes)),
    u32(data.length),
    u32(bytes.length),
    u16(name.length),
    u16(0),
  ]);
}

/** A POSIX ustar archive of regular files. */
export function tarOf(files: readonly ArchiveFile[]): Buffer {
  const blocks = files.flatMap(({ name, bytes }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('0', 156);
    header.write('ustar\u000000', 257);
    header.fill(' ', 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function signature(value: number): Buffer {
  return u32(value);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
