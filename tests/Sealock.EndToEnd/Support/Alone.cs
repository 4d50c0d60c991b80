// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Support;

/// <summary>
/// Tests that run one after the other when all others are over: what they show is how soon something happens, or they change what
/// others use.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
