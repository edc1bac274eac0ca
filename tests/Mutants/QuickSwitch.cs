using Mono.Cecil;
using Mono.Cecil.Cil;

namespace DmSim.Mutants;

/// <summary>
/// At every place that has a mutant, the mutated model asks Stryker's MutantControl whether that one is active, and it looks into a
/// mapped file, or through a list of all that have been reached. Here that question becomes one comparison, and noting who was asked
/// for is one byte.
/// </summary>
internal static class QuickSwitch
{
    public const string Name = "DmSimMutantSwitch", Active = "Active", Reached = "Reached";

    /// <summary>"quicken ASSEMBLY": replaces MutantControl.IsActive.</summary>
    public static int Install(string[] args)
    {
        using var assembly = AssemblyDefinition.ReadAssembly(args[0], new ReaderParameters { InMemory = true });
        var module = assembly.MainModule;
        var control = module.Types.Single(type => type.Name == "MutantControl");
        const TypeAttributes isStatic = TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed | TypeAttributes.BeforeFieldInit;
        var quick = new TypeDefinition("", Name, isStatic, module.TypeSystem.Object);
        const FieldAttributes attributes = FieldAttributes.Public | FieldAttributes.Static;
        var active = new FieldDefinition(Active, attributes, module.TypeSystem.Int32);
        var reached = new FieldDefinition(Reached, attributes, new ArrayType(module.TypeSystem.Boolean));
        quick.Fields.Add(active);
        quick.Fields.Add(reached);
        module.Types.Add(quick);

        // if (Reached != null) Reached[id] = true; return id == Active;
        var body = control.Methods.Single(method => method.Name == "IsActive").Body;
        body.Instructions.Clear();
        body.Variables.Clear();
        body.ExceptionHandlers.Clear();
        var il = body.GetILProcessor();
        var compare = il.Create(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldsfld, reached);
        il.Emit(OpCodes.Brfalse, compare);
        il.Emit(OpCodes.Ldsfld, reached);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4_1);
        il.Emit(OpCodes.Stelem_I1);
        il.Append(compare);
        il.Emit(OpCodes.Ldsfld, active);
        il.Emit(OpCodes.Ceq);
        il.Emit(OpCodes.Ret);
        // So that no caller looks first whether the class is initialised.
        control.Methods.Remove(control.Methods.Single(method => method.Name == ".cctor"));
        assembly.Write(args[0]);
        return 0;
    }
}
