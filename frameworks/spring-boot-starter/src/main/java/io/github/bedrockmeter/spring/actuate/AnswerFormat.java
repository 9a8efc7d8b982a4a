// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.spring.actuate;

import org.springframework.boot.actuate.endpoint.ApiVersion;
import org.springframework.boot.actuate.endpoint.Producible;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/**
 * What the endpoint answers with: JSON in the types of every endpoint, and a page for those who ask
 * for {@code text/html}, as browsers do. Of several that a caller accepts, Boot takes the last one
 * here.
 */
enum AnswerFormat implements Producible<AnswerFormat> {
  JSON,
  ACTUATOR_2,
  ACTUATOR_3,
  PAGE;

  @Override
  public MimeType getProducedMimeType() {
    return switch (this) {
      case JSON -> MimeTypeUtils.APPLICATION_JSON;
      case ACTUATOR_2 -> ApiVersion.V2.getProducedMimeType();
      case ACTUATOR_3 -> ApiVersion.V3.getProducedMimeType();
      case PAGE -> MimeTypeUtils.TEXT_HTML;
    };
  }

  @Override
  public boolean isDefault() {
    return this == ACTUATOR_3;
  }
}
