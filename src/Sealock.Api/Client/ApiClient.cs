// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization.Metadata;

namespace Sealock.Api.Client;

/// <summary>
/// A resource as the client addresses it, and the read-only view into which its objects are read. A view is never
/// written back: what a controller changes, it patches.
/// </summary>
/// <typeparam name="T">The view.</typeparam>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">API version.</param>
/// <param name="Plural">Plural resource name.</param>
/// <param name="Namespaced">Whether objects live in a namespace.</param>
/// <param name="View">How objects are read.</param>
public sealed record ResourceType<T>(
    string Group, string Version, string Plural, bool Namespaced, JsonTypeInfo<T> View)
    where T : class;
