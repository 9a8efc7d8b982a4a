// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.call.Tags;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import software.amazon.awssdk.services.bedrock.model.InferenceProfileType;

/** Makes one application inference profile. */
@Command(
    name = "create",
    mixinStandardHelpOptions = true,
    modelTransformer = ControlPlaneOptions.Transformer.class,
    description = {
      "Makes an application inference profile with tags, as one for each cost centre.",
      "Without --yes it only prints what it would do. A profile that has this name, model and"
          + " these tags is reported and not made twice."
    })
@SuppressWarnings("NullAway.Init") // picocli sets what is annotated
final class ProfilesCreateCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private ControlPlaneOptions options;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "MODEL",
      description =
          "What it is copied from: a model id for one region, a system profile's id, as"
              + " eu.anthropic.claude-sonnet-4-6, for several, or an ARN of either.")
  private String model;

  @Option(
      names = "--tag",
      required = true,
      paramLabel = "NAME=VALUE",
      description = "A tag, as costCenter=sales. Can be repeated.")
  private List<String> tags;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description =
          "The profile's name. Default: made of the value of the tag costCenter, or else of the"
              + " first tag, and the model.")
  private @Nullable String name;

  @Option(names = "--yes", description = "Make it.")
  private boolean yes;

  @Override
  public void run() {
    try {
      create(ProfileTags.parse(tags), name == null ? null : ProfileNames.checked(name));
    } catch (IllegalArgumentException misused) {
      throw new ParameterException(spec.commandLine(), String.valueOf(misused.getMessage()));
    }
  }

  private void create(Tags wanted, @Nullable String ownName) {
    PrintWriter out = spec.commandLine().getOut();
    try (ControlPlane bedrock = options.open()) {
      ModelSource source = ModelSource.of(model, bedrock);
      String chosen = ownName == null ? ProfileNames.derived(naming(wanted), source.id()) : ownName;
      Optional<InferenceProfile> existing = existing(bedrock, chosen, source, wanted);
      if (existing.isPresent()) {
        out.println("profile '" + existing.get().name() + "' exists already; nothing was made");
        describe(out, source, wanted, existing.get().arn());
      } else if (yes) {
        String arn = made(bedrock, chosen, source, wanted);
        out.println("made profile '" + chosen + "'");
        describe(out, source, wanted, arn);
      } else {
        out.println("would make profile '" + chosen + "'");
        describe(out, source, wanted, null);
        out.println("nothing was made; add --yes to make it");
      }
    }
  }

  /** The value that names the profile. */
  private String naming(Tags wanted) {
    String costCenter = wanted.get("costCenter");
    if (costCenter != null) {
      return costCenter;
    }
    String first = tags.get(0);
    return first.substring(first.indexOf('=') + 1);
  }

  /**
   * A profile of this name; or where the user named none, one under any name that has the same
   * model and the same tags.
   */
  private Optional<InferenceProfile> existing(
      ControlPlane bedrock, String chosen, ModelSource source, Tags wanted) {
    Optional<InferenceProfile> alike = Optional.empty();
    for (InferenceProfile listed : bedrock.profiles(InferenceProfileType.APPLICATION)) {
      boolean isNamesake = listed.name().equals(chosen);
      boolean hasModel = listed.modelArns().equals(source.modelArns());
      if (!isNamesake && (name != null || !hasModel)) {
        continue;
      }
      Optional<InferenceProfile> profile = bedrock.tagged(listed);
      if (profile.isEmpty()) {
        continue;
      }
      boolean isAlike = hasModel && profile.get().ownTags().equals(wanted.asMap());
      if (isNamesake && !isAlike) {
        throw new CommandFailedException(difference(profile.get(), source, wanted));
      }
      if (isNamesake || (isAlike && alike.isEmpty())) {
        alike = profile;
      }
      if (isNamesake) {
        return alike;
      }
    }
    return alike;
  }

  private static String difference(InferenceProfile profile, ModelSource source, Tags wanted) {
    List<String> differences = new ArrayList<>();
    if (!profile.modelArns().equals(source.modelArns())) {
      differences.add(
          "of "
              + modelsAndRegions(profile.modelArns())
              + " instead of "
              + modelsAndRegions(source.modelArns()));
    }
    if (!profile.ownTags().equals(wanted.asMap())) {
      differences.add(
          "with the tags "
              + ProfileTags.text(profile.ownTags(), ", ")
              + " instead of "
              + ProfileTags.text(wanted.asMap(), ", "));
    }
    return "a profile '%s' exists, %s: %s; give the new one another name with --name"
        .formatted(profile.name(), String.join(", ", differences), profile.arn());
  }

  private static String modelsAndRegions(List<String> modelArns) {
    return String.join(", ", InferenceProfile.modelsOf(modelArns))
        + " in "
        + String.join(", ", InferenceProfile.regionsOf(modelArns));
  }

  private static String made(ControlPlane bedrock, String chosen, ModelSource source, Tags wanted) {
    String arn;
    try {
      arn = bedrock.create(chosen, source.arn(), wanted);
    } catch (CommandFailedException failure) {
      throw bedrock.mayHaveHappened(failure)
          ? new CommandFailedException(
              failure.getMessage()
                  + "; the profile may have been made, and the same command reports it if so",
              failure)
          : failure;
    }
    if (bedrock.isGone(arn)) {
      throw new CommandFailedException(
          "Bedrock answered with the profile "
              + arn
              + ", which it does not find; run the command again, and if it says the same, Bedrock"
              + " repeats its answer to an earlier command whose profile was deleted: give the new"
              + " one another name with --name");
    }
    return arn;
  }

  private static void describe(
      PrintWriter out, ModelSource source, Tags wanted, @Nullable String arn) {
    List<List<String>> rows = new ArrayList<>();
    if (arn != null) {
      rows.add(List.of("  arn", arn));
    }
    rows.add(List.of("  model", source.id()));
    rows.add(List.of("  copied from", source.arn()));
    rows.add(
        List.of("  regions", String.join(", ", InferenceProfile.regionsOf(source.modelArns()))));
    rows.add(List.of("  tags", ProfileTags.text(wanted.asMap(), ", ")));
    Texts.table(out, rows);
  }
}
