// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.jdbc.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.bedrockmeter.internal.text.Log;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.h2.mvstore.DataUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Makes the header of an H2 file name the last commit, after a process was killed. Internal to this
 * module; holds no state. Not to be used on a file that is open in this process: closing it would
 * release H2's lock.
 */
final class H2Header {
  /*
   * An H2 file is two blocks of header and, behind them, chunks. A commit appends a chunk or puts it
   * into free space. The header names one chunk, each chunk says where the next one should come, and
   * when the next one comes elsewhere, the header is written again. H2 2.5.250 and 2.5.252 write the
   * chunk before that one into the header. From there no path leads to the chunk that came
   * elsewhere, nor to those after it. All are in the file; but where the process is killed before
   * the next clean end, H2 opens the file as it was before them, and the commits of up to twenty
   * chunks, or of some seconds, are lost.
   *
   * So this reads where chunks begin and end, and makes the header name the last one that is whole.
   * It writes nothing else. H2 then checks what that chunk needs, and goes back further if some of
   * it is missing. Time counts before the version: where an earlier start has lost commits, their
   * versions were given out again.
   */
  private static final Log log = Log.to(LoggerFactory.getLogger(H2Header.class));

  private static final int BLOCK = 4096;
  private static final int FOOTER = 128;
  private static final int LONGEST_CHUNK_HEADER = 1024;

  /** What this class understands; a file of another format is left to H2. */
  private static final Map<String, String> FORMAT =
      Map.of("H", "2", "blockSize", Integer.toHexString(BLOCK), "format", "3");

  /** One commit: where it is, when it was, in milliseconds since the file was made. */
  private record Chunk(long block, long id, long length, long version, long time) {
    static final Comparator<Chunk> ORDER =
        Comparator.comparingLong(Chunk::time).thenComparingLong(Chunk::version);
  }

  private H2Header() {}

  /** Mends the header if it is not that of a file that was closed. */
  static void mend(Path file) {
    if (!Files.isRegularFile(file) || !Files.isWritable(file)) {
      return;
    }
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      mend(file, open);
    } catch (IOException | RuntimeException failure) {
      log.warn("The header of {} could not be checked; H2 opens it as it is", file, failure);
    }
  }

  private static void mend(Path file, RandomAccessFile open) throws IOException {
    Map<String, String> header = header(open);
    if (header == null || header.containsKey("clean") || open.getChannel().tryLock() == null) {
      return;
    }
    Chunk last = last(open);
    if (last == null || last.version() == number(header, "version")) {
      return;
    }
    log.info(
        "{} was not closed, and its header names version {}: it is set to {}, the last one",
        file,
        number(header, "version"),
        last.version());
    header.put("block", Long.toHexString(last.block()));
    header.put("chunk", Long.toHexString(last.id()));
    header.put("version", Long.toHexString(last.version()));
    byte[] block = Arrays.copyOf(checksummed(header), BLOCK);
    for (int copy = 0; copy < 2; copy++) {
      open.seek((long) copy * BLOCK);
      open.write(block);
      open.getFD().sync();
    }
  }

  /** The newer of the two copies; null if neither is whole, or the format is another one. */
  private static @Nullable Map<String, String> header(RandomAccessFile open) throws IOException {
    Map<String, String> newest = null;
    byte[] block = new byte[BLOCK];
    for (int copy = 0; copy < 2 && open.length() >= 2L * BLOCK; copy++) {
      open.seek((long) copy * BLOCK);
      open.readFully(block);
      Map<String, String> header = checked(block, 0, BLOCK);
      if (header != null
          && (newest == null || number(header, "version") > number(newest, "version"))) {
        newest = header;
      }
    }
    return newest != null && newest.entrySet().containsAll(FORMAT.entrySet()) ? newest : null;
  }

  /** The last chunk of which both ends are there. */
  private static @Nullable Chunk last(RandomAccessFile open) throws IOException {
    Chunk last = null;
    byte[] start = new byte[LONGEST_CHUNK_HEADER];
    byte[] end = new byte[FOOTER];
    for (long block = 2; (block + 1) * BLOCK <= open.length(); block++) {
      open.seek(block * BLOCK);
      open.readFully(start);
      Chunk chunk = chunk(block, start);
      if (chunk == null
          || (last != null && Chunk.ORDER.compare(chunk, last) <= 0)
          || (block + chunk.length()) * BLOCK > open.length()) {
        continue;
      }
      open.seek((block + chunk.length()) * BLOCK - FOOTER);
      open.readFully(end);
      Map<String, String> footer = checked(end, 0, FOOTER);
      if (footer != null
          && number(footer, "chunk") == chunk.id()
          && number(footer, "version") == chunk.version()) {
        last = chunk;
      }
    }
    return last;
  }

  private static @Nullable Chunk chunk(long block, byte[] start) {
    if (start[0] != 'c' || start[1] != 'h' || start[5] != ':') {
      return null;
    }
    try {
      Map<String, String> header = fields(start, 0, indexOf((byte) '\n', start));
      return new Chunk(
          block,
          number(header, "chunk"),
          number(header, "len"),
          number(header, "version"),
          number(header, "time"));
    } catch (IllegalArgumentException pageThatBeginsLikeAChunk) {
      return null;
    }
  }

  private static int indexOf(byte sought, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == sought) {
        return i;
      }
    }
    return bytes.length;
  }

  /** The fields of a text whose last one is the checksum of the others; null if it is wrong. */
  private static @Nullable Map<String, String> checked(byte[] bytes, int from, int to) {
    try {
      Map<String, String> fields = fields(bytes, from, to);
      long checksum = number(fields, "fletcher");
      String text = text(bytes, from, to);
      int end = text.lastIndexOf(",fletcher:");
      byte[] covered = text.substring(0, Math.max(0, end)).getBytes(ISO_8859_1);
      int expected = DataUtils.getFletcher32(covered, 0, covered.length);
      return (int) checksum == expected ? fields : null;
    } catch (IllegalArgumentException notAHeader) {
      return null;
    }
  }

  private static byte[] checksummed(Map<String, String> header) {
    TreeMap<String, String> fields = new TreeMap<>(header);
    fields.remove("fletcher");
    StringBuilder text = new StringBuilder();
    fields.forEach(
        (name, value) -> text.append(text.isEmpty() ? "" : ",").append(name + ":" + value));
    byte[] covered = text.toString().getBytes(ISO_8859_1);
    int checksum = DataUtils.getFletcher32(covered, 0, covered.length);
    text.append(",fletcher:").append(Integer.toHexString(checksum)).append('\n');
    return text.toString().getBytes(ISO_8859_1);
  }

  private static Map<String, String> fields(byte[] bytes, int from, int to) {
    Map<String, String> fields = new HashMap<>();
    for (String field : text(bytes, from, to).split(",", -1)) {
      int colon = field.indexOf(':');
      if (colon < 0) {
        throw new IllegalArgumentException("no field: " + field);
      }
      fields.put(field.substring(0, colon), field.substring(colon + 1));
    }
    return fields;
  }

  /** Without what fills it up. */
  private static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, ISO_8859_1).trim();
  }

  private static long number(Map<String, String> fields, String name) {
    return Long.parseUnsignedLong(fields.getOrDefault(name, ""), 16);
  }
}
