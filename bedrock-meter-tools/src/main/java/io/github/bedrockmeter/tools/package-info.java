/** The {@code bedrock-meter} command. Start with {@link BedrockMeterCommand}. */
@NullMarked
package io.github.bedrockmeter.tools;

import org.jspecify.annotations.NullMarked;
