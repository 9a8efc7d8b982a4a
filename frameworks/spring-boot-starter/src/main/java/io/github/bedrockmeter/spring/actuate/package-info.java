// SPDX-License-Identifier: Apache-2.0
/** Budgets and the ledger's health in Spring Boot's actuator. */
@NullMarked
package io.github.bedrockmeter.spring.actuate;

import org.jspecify.annotations.NullMarked;
