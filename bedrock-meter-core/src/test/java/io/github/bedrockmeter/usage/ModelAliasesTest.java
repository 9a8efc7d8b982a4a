// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelAliasesTest {
  private static final String PROFILE =
      "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abcdefghijkl";
  private static final String SONNET = "eu.anthropic.claude-sonnet-4-6";

  private final ModelAliases aliases =
      ModelAliases.none()
          .with("helpdesk", "support")
          .with("support", PROFILE)
          .with(PROFILE, SONNET);

  @Test
  void aliasesAreFollowedToTheModel() {
    assertThat(aliases.modelOf("helpdesk")).isEqualTo(SONNET);
    assertThat(aliases.modelOf(PROFILE)).isEqualTo(SONNET);
    assertThat(aliases.modelOf("amazon.nova-lite-v1:0")).isEqualTo("amazon.nova-lite-v1:0");
  }

  @Test
  void arnIsCalledAsItIs() {
    assertThat(aliases.calledAs())
        .containsExactlyInAnyOrderEntriesOf(Map.of("helpdesk", PROFILE, "support", PROFILE));
    assertThat(ModelAliases.none().with("sonnet", SONNET).calledAs())
        .isEqualTo(Map.of("sonnet", SONNET));
  }

  @Test
  void mapMakesTheSameAliases() {
    assertThat(ModelAliases.of(aliases.asMap())).isEqualTo(aliases).hasSameHashCodeAs(aliases);
    assertThat(ModelAliases.none().plus(aliases)).isEqualTo(aliases);
    assertThat(aliases.plus(ModelAliases.none().with("a", "b")).asMap()).hasSize(4);
  }

  @Test
  void sameAliasTwiceIsOneAlias() {
    assertThat(aliases.with("support", PROFILE)).isEqualTo(aliases);
  }

  @Test
  void contradictionIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> aliases.with("support", SONNET))
        .withMessage("alias 'support' stands for both '%s' and '%s'", PROFILE, SONNET);
  }

  @Test
  void blankNameOrModelIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> aliases.with(" ", SONNET))
        .withMessage("alias ' ' stands for '%s'; neither may be blank", SONNET);
    assertThatIllegalArgumentException().isThrownBy(() -> aliases.with("a", ""));
  }

  @Test
  void circleIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> aliases.with(SONNET, "helpdesk"))
        .withMessage("alias '%s' stands for 'helpdesk', which leads in a circle", SONNET);
    assertThatIllegalArgumentException().isThrownBy(() -> aliases.with("a", "a"));
  }
}
