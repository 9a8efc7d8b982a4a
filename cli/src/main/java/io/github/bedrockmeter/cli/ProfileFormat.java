// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.bedrockmeter.internal.text.Escaped;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a list of profiles is written. The names are what a user types. */
enum ProfileFormat {
  table {
    @Override
    void write(PrintWriter out, List<InferenceProfile> profiles, int width) {
      if (profiles.isEmpty()) {
        out.println("no profiles");
        return;
      }
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("ID", "NAME", "MODEL", "REGIONS", "STATUS", "TAGS"));
      for (InferenceProfile profile : profiles) {
        rows.add(
            List.of(
                Escaped.text(profile.id()),
                Escaped.text(profile.name()),
                Escaped.text(String.join(", ", profile.models())),
                Escaped.text(String.join(", ", profile.regions())),
                Escaped.text(profile.status()),
                Escaped.text(ProfileTags.text(profile.sortedTags(), ", "), Integer.MAX_VALUE)));
      }
      FittedTable.write(out, rows, width);
    }
  },

  json {
    @Override
    void write(PrintWriter out, List<InferenceProfile> profiles, int width) {
      out.println(json(generator -> writeArray(generator, profiles)));
    }

    private void writeArray(JsonGenerator json, List<InferenceProfile> profiles)
        throws IOException {
      json.writeStartArray();
      for (InferenceProfile profile : profiles) {
        json.writeStartObject();
        json.writeStringField("id", profile.id());
        json.writeStringField("arn", profile.arn());
        json.writeStringField("name", profile.name());
        json.writeStringField("type", type(profile));
        writeList(json, "models", profile.models());
        writeList(json, "regions", profile.regions());
        json.writeStringField("status", profile.status());
        json.writeStringField("created", created(profile));
        Map<String, String> tags = profile.tags();
        if (tags == null) {
          json.writeNullField("tags");
        } else {
          json.writeObjectFieldStart("tags");
          for (Map.Entry<String, String> tag : profile.sortedTags().entrySet()) {
            json.writeStringField(tag.getKey(), tag.getValue());
          }
          json.writeEndObject();
        }
        json.writeEndObject();
      }
      json.writeEndArray();
    }

    private void writeList(JsonGenerator json, String field, List<String> texts)
        throws IOException {
      json.writeArrayFieldStart(field);
      for (String text : texts) {
        json.writeString(text);
      }
      json.writeEndArray();
    }
  },

  csv {
    @Override
    void write(PrintWriter out, List<InferenceProfile> profiles, int width) {
      out.println("id,arn,name,type,models,regions,status,created,tags");
      for (InferenceProfile profile : profiles) {
        out.println(
            List.of(
                    profile.id(),
                    profile.arn(),
                    profile.name(),
                    type(profile),
                    String.join(";", profile.models()),
                    String.join(";", profile.regions()),
                    profile.status(),
                    Objects.requireNonNullElse(created(profile), ""),
                    ProfileTags.text(profile.sortedTags(), ";"))
                .stream()
                .map(ProfileFormat::quotedIfNeeded)
                .collect(Collectors.joining(",")));
      }
    }
  };

  /**
   * Writes the profiles.
   *
   * @param width the columns of characters that a table may have
   */
  abstract void write(PrintWriter out, List<InferenceProfile> profiles, int width);

  /** Writes JSON. */
  interface JsonWriting {
    void to(JsonGenerator json) throws IOException;
  }

  /** JSON for people: one field in a line. */
  static String json(JsonWriting writing) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = new JsonFactory().createGenerator(text)) {
      generator.useDefaultPrettyPrinter();
      writing.to(generator);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // a string takes everything
    }
    return text.toString();
  }

  private static String type(InferenceProfile profile) {
    return profile.isSystem() ? "SYSTEM_DEFINED" : "APPLICATION";
  }

  private static @Nullable String created(InferenceProfile profile) {
    return profile.created() == null ? null : profile.created().toString();
  }

  private static String quotedIfNeeded(String cell) {
    return cell.matches("[^\",\\r\\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
