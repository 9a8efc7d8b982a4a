// SPDX-License-Identifier: Apache-2.0
package com.example.kotlin

import io.github.bedrockmeter.BedrockMeter
import io.github.bedrockmeter.budget.Amount
import io.github.bedrockmeter.budget.Budget
import io.github.bedrockmeter.budget.BudgetDecision
import io.github.bedrockmeter.budget.BudgetExceededException
import io.github.bedrockmeter.budget.BudgetPolicy
import io.github.bedrockmeter.budget.Window
import io.github.bedrockmeter.call.CallOutcome
import io.github.bedrockmeter.call.Tags
import io.github.bedrockmeter.event.MeterListener
import io.github.bedrockmeter.event.UsageEvent
import io.github.bedrockmeter.price.Cost
import io.github.bedrockmeter.pricing.PriceCatalog
import java.time.Duration
import java.time.ZoneOffset
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole
import software.amazon.awssdk.services.bedrockruntime.model.Message

/** One line for each call that has ended; what may be absent has a `?` in Kotlin too. */
class Lines : MeterListener {
    val lines = mutableListOf<String>()

    override fun onUsage(event: UsageEvent) {
        val requestId: String? = event.requestId()
        val answeredBy: String? = event.answeredBy()
        val firstChunk: Long? = event.stream()?.firstChunkNanos()
        val retries: Int = event.attempts()?.made() ?: 1
        val cost: String = when (val cost = event.cost()) {
            is Cost.Known -> "\$${cost.atLeastUsd()}"
            else -> "unknown"
        }
        val outcome: String = when (val outcome = event.outcome()) {
            is CallOutcome.Completed -> "completed"
            is CallOutcome.Failed -> "failed: ${outcome.error()}"
            else -> "left"
        }
        lines += listOf(event.call().modelId(), outcome, cost, retries, requestId ?: "-", answeredBy ?: "-", firstChunk ?: 0)
            .joinToString(" ")
    }
}

/** A policy as a lambda, and budgets; a region may be unknown, so Kotlin asks what to do then. */
fun meter(lines: Lines): BedrockMeter =
    BedrockMeter.builder()
        .prices(PriceCatalog.bundled())
        .budget(
            Budget.named("user-daily")
                .limit(Amount.requests(2))
                .window(Window.daily(ZoneOffset.UTC))
                .per("user")
                .build(),
        )
        .policy(
            BudgetPolicy { call ->
                if ((call.region() ?: "us-east-1").startsWith("us-")) {
                    BudgetDecision.granted()
                } else {
                    BudgetDecision.denied("region", "calls stay in the United States")
                }
            },
        )
        .listener(lines)
        .build()

/** The model's answer; or how long to wait, where waiting helps. */
fun ask(client: BedrockRuntimeClient, user: String, question: String): String =
    try {
        BedrockMeter.openScope(Tags.of("user", user)).use {
            client.converse { request ->
                request.modelId("amazon.nova-lite-v1:0").messages(
                    Message.builder().role(ConversationRole.USER).content(ContentBlock.fromText(question)).build(),
                )
            }.output().message().content()[0].text()
        }
    } catch (denied: BudgetExceededException) {
        val retryAfter: Duration? = denied.denial().retryAfter()
        "denied by ${denied.denial().budget()}" + if (retryAfter == null) "" else ", wait"
    }
