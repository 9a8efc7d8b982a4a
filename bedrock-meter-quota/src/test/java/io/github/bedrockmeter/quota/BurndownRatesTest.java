// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.YearMonth;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BurndownRatesTest {
  private final BurndownRates rates = BurndownRates.bundled();

  @ParameterizedTest
  @CsvSource({
    "amazon.nova-lite-v1:0, 1",
    "us.amazon.nova-2-lite-v1:0, 1",
    "us.deepseek.r1-v1:0, 1",
    "deepseek.v3.2, 1",
    "openai.gpt-oss-120b-1:0, 1",
    "anthropic.claude-3-haiku-20240307-v1:0, 5",
    "anthropic.claude-v2:1, 5",
    "us.anthropic.claude-3-7-sonnet-20250219-v1:0, 5",
    "eu.anthropic.claude-sonnet-4-20250514-v1:0, 5",
    "global.anthropic.claude-sonnet-4-6, 5",
    "anthropic.claude-opus-4-7, 5",
    "us-gov.anthropic.claude-opus-4-8, 15",
    "global.anthropic.claude-sonnet-5, 10",
    "anthropic.claude-fable-5-1, 10",
    "openai.gpt-5.6-sol, 10",
    "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6, 5",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-5, 10"
  })
  void modelsHaveTheRateThatAwsPublishes(String model, long rate) {
    assertThat(rates.of(model)).isEqualTo(rate);
  }

  @ParameterizedTest
  @CsvSource({
    "anthropic.claude-sonnet-5-5",
    "anthropic.claude-opus-6",
    "openai.gpt-6-astra",
    "acme.unknown-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl",
    "''"
  })
  void unknownModelHasTheHighestRate(String model) {
    assertThat(rates.of(model)).isEqualTo(15);
    assertThat(rates.with("amazon.nova-*", 20).of(model)).isEqualTo(20);
  }

  @Test
  void ratesOfYourOwnWin() {
    BurndownRates own =
        rates.with("anthropic.claude-opus-6*", 2).with("anthropic.claude-sonnet-5", 3);

    assertThat(own.of("us.anthropic.claude-opus-6-v1")).isEqualTo(2);
    assertThat(own.of("anthropic.claude-sonnet-5")).isEqualTo(3);
    assertThat(rates.of("anthropic.claude-sonnet-5")).isEqualTo(10);
  }

  @Test
  void ratesAreReadFromAFile() throws IOException {
    BurndownRates file = read("{'asOf':'2027-01','geoPrefixes':['us'],'rates':{'a.b*':4,'a.c':2}}");

    assertThat(file.asOf()).isEqualTo(YearMonth.of(2027, 1));
    assertThat(file.of("us.a.bb")).isEqualTo(4);
    assertThat(file.of("a.c")).isEqualTo(2);
    assertThat(file.of("a.d")).isEqualTo(4);
  }

  @Test
  void fileWithoutUsableRatesIsRefused() {
    assertThatThrownBy(() -> read("{'geoPrefixes':[],'asOf':'2027-01'}"))
        .hasMessage("burndown rates have no 'rates'");
    assertThatThrownBy(() -> read("{'geoPrefixes':[],'asOf':'2027-01','rates':{}}"))
        .hasMessage("burndown rates name no model");
    assertThatThrownBy(() -> read("{'geoPrefixes':[],'asOf':'2027-01','rates':{'a':0}}"))
        .hasMessage("the burndown rate of 'a' must be at least 1: 0");
    assertThatThrownBy(() -> read("{'geoPrefixes':[],'asOf':'2027-01','rates':{'a':1.5}}"))
        .hasMessage("the burndown rate of 'a' must be a whole number such as 5: 1.5");
    assertThatThrownBy(() -> rates.with("a", -1))
        .hasMessage("the burndown rate of 'a' must be at least 1: -1");
  }

  private static BurndownRates read(String json) throws IOException {
    return BurndownRates.read(
        new ByteArrayInputStream(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aRateThatOneTestSawIsTheHigherAndCanBeSet() {
    assertThat(BurndownRates.bundled().of("global.moonshotai.kimi-k3")).isEqualTo(15);
    assertThat(BurndownRates.bundled().of("moonshotai.kimi-k2.5")).isEqualTo(1);
    assertThat(BurndownRates.bundled().with("moonshotai.kimi-k3*", 10).of("moonshotai.kimi-k3"))
        .isEqualTo(10);
    assertThat(BurndownRates.bundled().of("us.openai.gpt-5.6-terra")).isEqualTo(10);
    assertThat(BurndownRates.bundled().of("anthropic.claude-opus-4-8")).isEqualTo(15);
  }
}
