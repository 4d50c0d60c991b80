// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Storage;

/// <summary>
/// The store could not carry out an operation: disk full, I/O error, lost connection. A write that ends so may or may
/// not have happened, never by half; trying again later is right. The message names the remedy and no content.
/// </summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The store could not be opened: in use, damaged, or written by a newer version. The message names the
/// remedy.</summary>
public sealed class StoreOpenException(string message, Exception? inner = null) : Exception(message, inner);
