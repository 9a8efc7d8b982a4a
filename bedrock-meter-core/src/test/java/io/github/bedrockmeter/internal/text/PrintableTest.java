// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
  private static String printed(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  private static Throwable shown(Throwable failure) {
    return Objects.requireNonNull(Printable.of(failure));
  }

  @Test
  void aPlainExceptionIsTheSameInstance() {
    RuntimeException plain = new IllegalStateException("no", new IllegalArgumentException("why"));

    assertThat(shown(plain)).isSameAs(plain);
  }

  @Test
  void aForgedLineInAMessageACauseOrASuppressedExceptionIsEscaped() {
    Exception forged = new IllegalStateException("no", new RuntimeException("why\nforged"));
    forged.addSuppressed(new RuntimeException("too\r\u001b[2Jforged\u2028"));
    Throwable shown = shown(forged);

    assertThat(printed(shown))
        .startsWith("java.lang.IllegalStateException: no")
        .contains("Caused by: java.lang.RuntimeException: why\\nforged")
        .contains("Suppressed: java.lang.RuntimeException: too\\r\\u001b[2Jforged\\u2028")
        .contains("at io.github.bedrockmeter.internal.text.PrintableTest.");
    assertThat(shown.getStackTrace()).isEqualTo(forged.getStackTrace());
  }

  @Test
  void aLongMessageIsCut() {
    assertThat(Printable.message(new RuntimeException("x".repeat(100_000)))).hasSizeLessThan(2_100);
    assertThat(printed(shown(new RuntimeException("x".repeat(100_000)))))
        .contains(" characters more)", "at io.github");
  }

  @Test
  void aCircleOfCausesEnds() {
    Exception first = new RuntimeException("a\nb");
    Exception second = new RuntimeException("c", first);
    first.initCause(second);

    assertThat(printed(shown(first))).contains("a\\nb");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cannot open jdbc:postgresql://user:CANARY@host/db",
        "cannot open jdbc:postgresql:user/CANARY@host/db",
        "cannot open redis:user:CANARY@host",
        "cannot open user:CANARY@host",
        "cannot open redis://:CANARY@host:6379",
        "cannot open redis://CANARY@host:6379",
        "cannot open jdbc:postgresql://host/db?user=a&password=CANARY&ssl=true",
        "cannot open jdbc:postgresql://host/db?sslpassword=CANARY",
        "cannot open jdbc:h2:/path;USER=sa;PASSWORD=CANARY;X=1",
        "cannot open dynamodb://KEY:CANARY@eu-central-1/table",
        "properties {user=me, password=CANARY}",
        "pwd=CANARY",
        "https://host/?token=CANARY"
      })
  void aPasswordThatADriverQuotesIsLeftOut(String message) {
    Exception failure = new RuntimeException("no connection", new RuntimeException(message));

    assertThat(printed(shown(failure))).doesNotContain("CANARY").contains("...");
    assertThat(Printable.message(Objects.requireNonNull(failure.getCause())))
        .doesNotContain("CANARY");
  }

  @ParameterizedTest
  @ValueSource(strings = {"limit=5", "a tag is 'x@y'", "https://host/path?x=1", "tokens: 5"})
  void otherTextStays(String message) {
    assertThat(Printable.message(new RuntimeException(message))).isEqualTo(message);
  }
}
