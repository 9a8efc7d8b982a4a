/** The {@code bedrock-meter} command. Start with {@link BedrockMeterCommand}. */
@NullMarked
package io.github.bedrockmeter.cli;

import org.jspecify.annotations.NullMarked;
