// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.services.bedrock.model.InferenceProfileType;

/** Lists inference profiles. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    modelTransformer = ControlPlaneOptions.Transformer.class,
    description = "Lists the account's application inference profiles with their tags.")
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class ProfilesListCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private ControlPlaneOptions options;

  @Option(names = "--all", description = "AWS's own profiles too, which have no tags of yours.")
  private boolean all;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private ProfileFormat format;

  @Option(
      names = "--width",
      paramLabel = "N",
      description =
          "The columns of characters that the table has. Default: as COLUMNS says, else those of"
              + " the terminal, or as many as it needs where the output is no terminal.")
  private @Nullable Integer width;

  @Override
  public void run() {
    if (width != null && width < 20) {
      throw new ParameterException(spec.commandLine(), "--width must be at least 20: " + width);
    }
    List<InferenceProfile> profiles = new ArrayList<>();
    try (ControlPlane bedrock = options.open()) {
      profiles.addAll(bedrock.taggedProfiles());
      if (all) {
        profiles.addAll(bedrock.profiles(InferenceProfileType.SYSTEM_DEFINED));
      }
    }
    format.write(
        spec.commandLine().getOut(),
        profiles,
        width == null ? Terminal.columnsOr(Integer.MAX_VALUE) : width);
  }
}
