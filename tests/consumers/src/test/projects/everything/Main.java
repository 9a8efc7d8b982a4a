package com.example.app;

import io.github.bedrockmeter.BedrockMeter;
import io.github.bedrockmeter.budget.Amount;
import io.github.bedrockmeter.budget.Budget;
import io.github.bedrockmeter.budget.Window;
import io.github.bedrockmeter.budgetsfile.BudgetsFile;
import io.github.bedrockmeter.dynamodb.DynamoDbLedger;
import io.github.bedrockmeter.jdbc.journal.UsageJournal;
import io.github.bedrockmeter.jdbc.ledger.JdbcLedger;
import io.github.bedrockmeter.pricing.PriceCatalog;
import io.github.bedrockmeter.quota.ModelQuota;
import io.github.bedrockmeter.quota.ServiceQuotas;
import io.github.bedrockmeter.redis.RedisLedger;
import io.github.bedrockmeter.testkit.FakeBedrock;
import io.github.bedrockmeter.testkit.Reply;
import io.github.bedrockmeter.testkit.sample.SampleCalls;
import io.lettuce.core.RedisClient;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.Message;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;

/** Uses every module once, over both HTTP clients. */
public final class Main {
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("everything");
    Path file = Files.writeString(folder.resolve("budgets.yaml"), """
        budgets:
          - name: daily
            limit: 25.00 USD
            window: daily in UTC
        """);
    try (FakeBedrock bedrock = FakeBedrock.start();
        JdbcLedger ledger = JdbcLedger.file(folder.resolve("ledger"));
        UsageJournal journal = UsageJournal.file(folder.resolve("usage"))) {
      bedrock.onAnyModel().reply(Reply.text("Hello").inputTokens(10).outputTokens(20));
      BedrockMeter.Builder builder = BedrockMeter.builder()
          .prices(PriceCatalog.bundled())
          .policy(ServiceQuotas.builder().model("amazon.nova-lite", ModelQuota.tokensPerMinute(1_000_000)).build())
          .ledger(ledger)
          .ledgerTimeout(java.time.Duration.ofSeconds(30))
          .listener(journal);
      for (Budget budget : BudgetsFile.read(file)) {
        builder.budget(budget);
      }
      Message question = Message.builder().role(ConversationRole.USER).content(ContentBlock.fromText("Hello")).build();
      try (BedrockMeter meter = builder.build();
          BedrockRuntimeClient client = meter.wrap(bedrock.clientBuilder());
          BedrockRuntimeAsyncClient async = meter.wrap(bedrock.asyncClientBuilder())) {
        client.converse(r -> r.modelId(SampleCalls.MODEL).messages(question));
        async.converse(r -> r.modelId(SampleCalls.MODEL).messages(question)).join();
        System.out.println("settled " + meter.status().join().get(0).settled());
      }
    }
    RedisClient redis = RedisClient.create("redis://127.0.0.1:1");
    try (DynamoDbAsyncClient client = DynamoDbAsyncClient.builder().region(Region.US_EAST_1)
        .credentialsProvider(AnonymousCredentialsProvider.create()).build()) {
      System.out.println("ledgers " + DynamoDbLedger.over(client, "accounts").getClass().getSimpleName()
          + " " + RedisLedger.class.getSimpleName());
      Class.forName(RedisLedger.class.getName(), true, Main.class.getClassLoader());
    } finally {
      redis.shutdown();
    }
    System.out.println("module " + Main.class.getModule().getName());
  }
}
