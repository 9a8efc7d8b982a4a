// SPDX-License-Identifier: Apache-2.0
package io.github.bedrockmeter.cli;

import io.github.bedrockmeter.budget.BudgetScope;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a SCOPE argument, as {@code tenant=acme}; an empty one is the whole budget. Stateless. */
final class ScopeConverter implements ITypeConverter<BudgetScope> {
  @Override
  public BudgetScope convert(String text) {
    try {
      return BudgetScope.parse(text);
    } catch (IllegalArgumentException malformed) {
      throw new TypeConversionException(String.valueOf(malformed.getMessage()));
    }
  }
}
