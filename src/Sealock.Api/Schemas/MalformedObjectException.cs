// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Schemas;

/// <summary>
/// A request's object cannot be read: bad JSON, a limit exceeded, or a value of the wrong type. The message is for the
/// client (400 BadRequest) and quotes no value beyond a number or a time that could not be read.
/// </summary>
public sealed class MalformedObjectException(string message) : Exception(message)
{
    /// <summary>Whether the text is no JSON object at all, so that not even its kind can be read.</summary>
    public bool IsSyntax { get; init; }
}
