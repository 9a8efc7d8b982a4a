// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.reading;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.document.Document;

/** Collects facts from the SDK's own JSON tree, which StartAsyncInvoke takes as its input. */
final class DocumentFacts {
  private DocumentFacts() {}

  static void read(@Nullable Document document, Shape shape, Facts facts) {
    if (document == null || document.isNull()) {
      return;
    }
    Field field = shape.field();
    if (field != null) {
      take(document, field, shape.rule(), facts);
    }
    if (document.isMap()) {
      for (Map.Entry<String, Document> entry : document.asMap().entrySet()) {
        Shape member = shape.member(entry.getKey());
        if (member != null) {
          read(entry.getValue(), member, facts);
        }
      }
    } else if (document.isList() && shape.elements() != null) {
      for (Document element : document.asList()) {
        read(element, shape.elements(), facts);
      }
    }
  }

  private static void take(Document document, Field field, Shape.Rule rule, Facts facts) {
    if (rule == Shape.Rule.EACH) {
      facts.add(field, 1);
    } else if (rule == Shape.Rule.TEXT) {
      facts.addText(field, document.isString() ? 3L * document.asString().length() : 8);
    } else if (document.isString()) {
      if (rule == Shape.Rule.WORD) {
        facts.state(field, document.asString());
      }
    } else if (document.isNumber() && rule != Shape.Rule.WORD) {
      facts.state(field, rule, document.asNumber().doubleValue());
    }
  }
}
