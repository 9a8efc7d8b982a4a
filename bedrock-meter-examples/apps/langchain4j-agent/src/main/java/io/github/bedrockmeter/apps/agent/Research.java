// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.apps.agent;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.service.SystemMessage;

/** The agent: LangChain4j runs its tools for as long as the model asks for them. */
interface Research {
  @SystemMessage("Answer with sources. Search until you are sure.")
  String answer(String question);

  /** What the agent can do. */
  final class Tools {
    /** Finds nothing that would let the model be sure. */
    @Tool("Searches the library")
    public String search(@P("what to look for") String query) {
      return "17 documents mention '" + query + "'; none of them is conclusive.";
    }
  }
}
