// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.internal.text.Escaped;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Makes one sentence of what AWS's SDK throws. Immutable and thread-safe.
 *
 * @param place the region, and the endpoint if one was given
 * @param timeout how long an answer was waited for, as text
 */
record AwsFailures(String place, String timeout) {
  private static final Pattern ACTION = Pattern.compile("perform: (bedrock:[A-Za-z]+)");

  private static final Pattern MODULE =
      Pattern.compile("the '([a-z-]+)' service module must be on");

  /** AWS repeats the whole signed request in some of these, with its token; we repeat nothing. */
  private static final Set<String> CREDENTIALS_REFUSED =
      Set.of(
          "ExpiredToken",
          "ExpiredTokenException",
          "IncompleteSignature",
          "IncompleteSignatureException",
          "InvalidClientTokenId",
          "InvalidSignatureException",
          "MissingAuthenticationToken",
          "MissingAuthenticationTokenException",
          "RequestExpired",
          "SignatureDoesNotMatch",
          "UnrecognizedClientException");

  /**
   * What is wrong, and what to do about it.
   *
   * @param action the IAM action of the call: {@code bedrock:ListInferenceProfiles}
   */
  CommandFailedException of(String action, SdkException failure) {
    return new CommandFailedException(sentence(action, failure), failure);
  }

  private String sentence(String action, SdkException failure) {
    AwsServiceException refusal = refusalIn(failure);
    if (refusal != null) {
      return refused(action, refusal);
    }
    if (failure instanceof ApiCallAttemptTimeoutException
        || failure instanceof ApiCallTimeoutException) {
      return "Bedrock's control plane in "
          + place
          + " did not answer "
          + action
          + " within "
          + timeout
          + "; set another time with --timeout PT30S";
    }
    return "Bedrock's control plane in %s cannot be reached for %s: %s"
        .formatted(place, action, root(failure));
  }

  private String refused(String action, AwsServiceException refusal) {
    String code = codeOf(refusal);
    if (CREDENTIALS_REFUSED.contains(code)) {
      return credentialsRefused(code);
    }
    String reason = reason(refusal);
    if (code.startsWith("AccessDenied") || refusal.statusCode() == 403) {
      Matcher named = ACTION.matcher(reason);
      return "access denied: the credentials may not call %s in %s; allow this action in IAM%s"
          .formatted(named.find() ? named.group(1) : action, place, inBrackets(reason));
    }
    if (refusal.isThrottlingException() || refusal.statusCode() == 429) {
      return "Bedrock throttled %s in %s, also when it was repeated; wait a minute and try again"
          .formatted(action, place);
    }
    if (refusal.statusCode() >= 500) {
      return "Bedrock's control plane in %s failed at %s (%s); try again later"
          .formatted(place, action, code);
    }
    return "Bedrock refused %s in %s: %s%s"
        .formatted(action, place, code, reason.isEmpty() ? "" : ": " + reason);
  }

  /** Why there are no credentials; never what they are. */
  String withoutCredentials(@Nullable String awsProfile, RuntimeException failure) {
    String profile = awsProfile == null ? "AWS_PROFILE" : "'" + Escaped.text(awsProfile) + "'";
    Matcher module = MODULE.matcher(String.valueOf(failure.getMessage()));
    if (module.find()) {
      return "the AWS profile "
          + profile
          + " needs the module '"
          + module.group(1)
          + "' of the AWS SDK, which this command does not have; export its credentials first: eval"
          + " \"$(aws configure export-credentials --format env --profile NAME)\"";
    }
    AwsServiceException refusal = refusalIn(failure);
    String why = refusal == null ? "" : inBrackets(codeOf(refusal));
    return awsProfile == null
        ? "no AWS credentials were found"
            + why
            + ": name a profile with --profile or AWS_PROFILE, or set AWS_ACCESS_KEY_ID and"
            + " AWS_SECRET_ACCESS_KEY"
        : "the AWS profile "
            + profile
            + " gives no credentials"
            + why
            + ": see that it is in AWS's configuration files, and signed in if it needs to be";
  }

  private static String credentialsRefused(String code) {
    return "AWS did not accept the credentials ("
        + code
        + "): sign in again, or check the keys and this machine's clock";
  }

  private static String codeOf(AwsServiceException refusal) {
    String code = refusal.awsErrorDetails() == null ? null : refusal.awsErrorDetails().errorCode();
    return code == null ? "status " + refusal.statusCode() : Escaped.text(code);
  }

  /** AWS's own words, in one line without a full stop. */
  private static String reason(AwsServiceException refusal) {
    String message =
        refusal.awsErrorDetails() == null ? null : refusal.awsErrorDetails().errorMessage();
    String line = message == null ? "" : message.lines().findFirst().orElse("");
    return Escaped.text(line.strip().replaceFirst("\\.$", ""), 300);
  }

  private static String inBrackets(String reason) {
    return reason.isEmpty() ? "" : " (" + reason + ")";
  }

  private static @Nullable AwsServiceException refusalIn(RuntimeException failure) {
    Throwable next = failure;
    while (next != null) {
      if (next instanceof AwsServiceException refusal) {
        return refusal;
      }
      next = next.getCause();
    }
    return null;
  }

  private static String root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    String line = message == null ? "" : message.lines().findFirst().orElse("");
    return root.getClass().getSimpleName() + (line.isEmpty() ? "" : ": " + Escaped.text(line));
  }
}
