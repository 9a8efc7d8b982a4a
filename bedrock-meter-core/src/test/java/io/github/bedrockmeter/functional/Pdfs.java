// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.functional;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.DeflaterOutputStream;

/** PDFs made for tests: of slides, and with their objects in a compressed stream. */
public final class Pdfs {
  private Pdfs() {}

  /** Pages of which each is an object of its own, with a short compressed text. */
  public static byte[] slides(int pages) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(out, "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n");
    write(out, "2 0 obj<</Type/Pages/Count " + pages + "/Kids[]>>endobj\n");
    for (int i = 0; i < pages; i++) {
      write(out, "3 0 obj<</Type /Page/Parent 2 0 R/MediaBox[0 0 960 540]>>endobj\n");
      stream(out, "", "BT (Slide " + i + ") Tj ET");
    }
    write(out, "trailer<</Size 9/Root 1 0 R>>\n%%EOF\n");
    return out.toByteArray();
  }

  /** Pages whose objects are all in one compressed stream, as newer tools write them. */
  public static byte[] compressed(int pages) {
    StringBuilder objects = new StringBuilder("<</Type/Pages/Kids[]>> ");
    for (int i = 0; i < pages; i++) {
      objects.append("<< /Type /Page /Parent 2 0 R >> ");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(out, "%PDF-1.5\n");
    stream(out, "/Type/ObjStm/N " + pages, objects.toString());
    write(out, "%%EOF\n");
    return out.toByteArray();
  }

  /** A PDF in which no page can be found. */
  public static byte[] unreadable() {
    return "%PDF-1.7\n1 0 obj<</Type/ObjStm/Filter/LZWDecode>>stream\nxxxx\nendstream endobj"
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void stream(ByteArrayOutputStream out, String entries, String text) {
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(deflated)) {
      deflater.write(text.getBytes(StandardCharsets.ISO_8859_1));
    } catch (java.io.IOException impossible) {
      throw new java.io.UncheckedIOException(impossible);
    }
    write(
        out,
        "4 0 obj<<" + entries + "/Filter/FlateDecode/Length " + deflated.size() + ">>stream\r\n");
    out.writeBytes(deflated.toByteArray());
    write(out, "\nendstream endobj\n");
  }

  private static void write(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }
}
