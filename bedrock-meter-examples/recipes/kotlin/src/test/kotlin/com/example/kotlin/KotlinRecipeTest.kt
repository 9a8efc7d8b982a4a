// SPDX-License-Identifier: Apache-2.0
package com.example.kotlin

import io.github.bedrockmeter.testkit.FakeBedrock
import io.github.bedrockmeter.testkit.Reply
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

class KotlinRecipeTest {
    @Test
    fun aUsersThirdCallIsDeniedAndAnotherUsersPasses() {
        FakeBedrock.start().use { bedrock ->
            bedrock.onAnyModel().reply(Reply.text("Hello").inputTokens(10).outputTokens(20))
            val lines = Lines()
            meter(lines).use { meter ->
                val client = meter.wrap(bedrock.clientBuilder())

                assertThat(ask(client, "ann", "Hi")).isEqualTo("Hello")
                assertThat(ask(client, "ann", "Hi")).isEqualTo("Hello")
                assertThat(ask(client, "ann", "Hi")).isEqualTo("denied by user-daily, wait")
                assertThat(ask(client, "bob", "Hi")).isEqualTo("Hello")
            }
            assertThat(bedrock.requests()).hasSize(3)
            assertThat(lines.lines).hasSize(3).allMatch { it.startsWith("amazon.nova-lite-v1:0 completed \$0.0000054 1 ") }
        }
    }
}
