// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.request;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.document.Document;

/**
 * What a Converse request says in the fields of the model's own form, which are added to what
 * Bedrock makes of the rest. Stateless.
 */
final class ModelFields {
  private ModelFields() {}

  static void read(@Nullable Document fields, Extent extent) {
    if (fields == null || !fields.isMap()) {
      return;
    }
    for (Map.Entry<String, Document> entry : fields.asMap().entrySet()) {
      read(entry.getKey(), entry.getValue(), extent);
    }
  }

  private static void read(String name, Document value, Extent extent) {
    if (BodyFields.isLimit(name)) {
      extent.limit = Math.max(extent.limit, Documents.count(value));
      extent.refusesLimit = true; // a second one beside it would be contradicted
    } else if (BodyFields.LIMIT_GROUPS.contains(name)) {
      read(value, extent);
    } else if (BodyFields.THINKING.contains(name)) {
      extent.thinking =
          Math.max(
              extent.thinking,
              Documents.count(Documents.member(value, BodyFields.THINKING_BUDGET)));
      extent.refusesLimit |=
          "high".equals(Documents.text(Documents.member(value, "maxReasoningEffort")));
    } else if (name.equals("context_management")) {
      extent.samplesAgain |= samplesAgain(value);
    } else if (name.equals("service_tier")) {
      extent.tier = Documents.text(value);
    } else if (name.equals("mcp_servers")) {
      extent.add(new BuiltInTool("mcp", -1));
    } else if (name.equals("tools") && value.isList()) {
      for (Document tool : value.asList()) {
        String type = Documents.text(Documents.member(tool, "type"));
        Document most = Documents.member(tool, "max_uses");
        BuiltInTool known =
            BuiltInTool.of(type == null ? "" : type, most == null ? -1 : Documents.count(most));
        if (known != null) {
          extent.add(known);
        }
      }
    }
  }

  /** Whether any edit of the context is one that the model makes itself. */
  private static boolean samplesAgain(Document value) {
    Document edits = value.isList() ? value : Documents.member(value, "edits");
    if (edits == null || !edits.isList()) {
      return false;
    }
    for (Document edit : edits.asList()) {
      String type = Documents.text(Documents.member(edit, "type"));
      if (type != null && !type.startsWith("clear_")) {
        return true;
      }
    }
    return false;
  }
}
